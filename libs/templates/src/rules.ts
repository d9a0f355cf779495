import type { Sender } from '#libs/letter';
import { describeKind, type TemplateKind } from './kinds.js';

/** What a template says once it is filled in. */
export interface Rendered {
  readonly subject: string;
  readonly body: string;
}

/** What may be wrong with the text of a template, whatever its words. */
export type TextFault = 'SENDER_NAMED' | 'SMS_TOO_LONG' | 'SMS_ALPHABET';

/** An SMS of one part (3GPP TS 23.038 §6.1.2.1). */
const SMS_CHARACTERS = 160;

/** The GSM 7-bit default alphabet (3GPP TS 23.038 §6.2.1) without its escape; any other letter makes an SMS of 70 characters. */
const SMS_ALPHABET = /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/u;

/**
 * What is wrong with a text that is about to be saved as an example, or sent: before he has accepted, the recipient is told neither the
 * sender's name nor his address, also not in an agency's own words; an SMS is one SMS.
 */
export function textFault(kind: TemplateKind, { subject, body }: Rendered, sender: Sender): TextFault | null {
  const { hidesSender, medium } = describeKind(kind);
  if (hidesSender && names(`${subject} ${body}`, sender)) return 'SENDER_NAMED';
  if (medium !== 'sms') return null;
  if (!SMS_ALPHABET.test(body)) return 'SMS_ALPHABET';
  return body.length > SMS_CHARACTERS ? 'SMS_TOO_LONG' : null;
}

/** Words without accents, case and signs, with one blank around each. */
const words = (text: string): string =>
  ` ${text
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}@]+/gu, ' ')
    .trim()} `;

function names(text: string, { name, email }: Sender): boolean {
  const said = words(text);
  return [name, email].map(words).some((told) => told.trim() !== '' && said.includes(told));
}
