import type { Response } from 'express';
import { readTemplate, TemplateFaulty } from '#libs/commands';
import { layOutLetter, layOutMail, previewMail, previewText, type TemplateData } from '#libs/documents';
import {
  describeKind,
  exampleOf,
  templateRefusals,
  textFault,
  type Rendered,
  type TemplateKind,
} from '#libs/templates';
import type { Asker } from '../access/asker.js';
import { faultsOf } from './template-faults.js';

/** The page in the frame: styles of its own, as e-mails have them; no script, nothing from elsewhere, shown by our pages alone. */
const PREVIEW_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'self'; sandbox";

export interface TemplateText {
  readonly subject?: string | undefined;
  readonly body: string;
}

/** The template filled in with its kind's example, in the name of the agency. @throws TemplateFaulty */
function filledIn({ agency }: Asker, kind: TemplateKind, text: TemplateText): Rendered & { readonly link: string } {
  const data = exampleFor(agency.name, kind);
  const link = typeof data['lien'] === 'string' ? data['lien'] : '';
  return { ...readTemplate(kind, text).render(data), link };
}

/** As programs read it: an SMS has its text alone, a letter its HTML alone. @throws TemplateFaulty */
export function previewAnswer(asker: Asker, kind: TemplateKind, text: TemplateText, qualification?: string): object {
  const { link, ...words } = filledIn(asker, kind, text);
  const { medium } = describeKind(kind);
  if (medium === 'sms') return { text: words.body };
  if (medium === 'letter') return { subject: words.subject, html: letterPage(asker, kind, words) };
  return { subject: words.subject, ...layOutMail({ ...words, link }, qualification) };
}

/** Answers what the recipient will see, or what is wrong, as a page for the frame. */
export function answerPreview(
  response: Response,
  asker: Asker,
  kind: TemplateKind,
  text: TemplateText,
  qualification?: string,
): void {
  answerFrame(response, previewPage(asker, kind, text, qualification));
}

/** Tells in the frame why there is nothing to show. */
export const answerFaults = (response: Response, sentences: readonly string[]): void => {
  answerFrame(response, previewText('Ce texte ne peut pas être enregistré', sentences));
};

function answerFrame(response: Response, page: string): void {
  response.setHeader('Content-Security-Policy', PREVIEW_POLICY);
  response.type('html').send(page);
}

function previewPage(asker: Asker, kind: TemplateKind, text: TemplateText, qualification?: string): string {
  try {
    const { link, ...words } = filledIn(asker, kind, text);
    const fault = textFault(kind, words, asker.agency);
    if (fault) return previewText('Ce texte ne peut pas être enregistré', [templateRefusals[fault].sentence]);
    const { medium } = describeKind(kind);
    if (medium === 'sms') return previewText(`SMS de ${words.body.length} caractères sur 160`, [words.body]);
    if (medium === 'letter') return letterPage(asker, kind, words);
    return previewMail({ ...words, link }, qualification);
  } catch (error) {
    if (!(error instanceof TemplateFaulty)) throw error;
    return previewText(
      'Ce texte ne peut pas être enregistré',
      faultsOf(error).map(({ message }) => message),
    );
  }
}

function letterPage({ agency }: Asker, kind: TemplateKind, { subject, body }: Rendered): string {
  const { adresse, ...texts } = exampleFor(agency.name, kind);
  const text = (field: string): string => (typeof texts[field] === 'string' ? texts[field] : '');
  const references = [
    { label: 'Dossier', value: text('dossier') },
    { label: 'Votre code', value: text('codeTiers') },
  ];
  const address = Array.isArray(adresse) ? adresse.map(String) : [];
  const addressee = [text('destinataire'), ...address];
  return layOutLetter({ sender: agency, addressee, date: text('date'), references, subject, body });
}

function exampleFor(agencyName: string, kind: TemplateKind): TemplateData {
  const example = exampleOf(kind);
  return 'agence' in example ? { ...example, agence: agencyName } : example;
}
