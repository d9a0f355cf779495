import type { INestApplicationContext } from '@nestjs/common';
import { v7 as newLetterId } from 'uuid';
import type { LetterToSubmit } from '#libs/commands';
import { credit } from '#libs/credit';
import { layOutLetter } from '#libs/documents';
import { EventStore } from '#libs/event-store';
import { context } from './letters.js';

export const AGENCY = {
  id: '0190a0f0-0000-7000-8000-000000000001',
  code: '9998',
  name: 'Agence Latour',
  email: 'info@latour.example',
};

/** Somebody to whom the campaign writes. */
export interface CampaignRecipient {
  readonly letterId: string;
  readonly name: string;
  readonly partyCode: string;
  readonly amount: string;
}

let count = 0;

export function recipients(howMany: number): CampaignRecipient[] {
  return Array.from({ length: howMany }, () => {
    count += 1;
    const amount = `${(100 + count * 3.17).toFixed(2).replace('.', ',')} €`;
    return { letterId: newLetterId(), name: `CHARPENTIER Jean ${count}`, partyCode: `4${count}`, amount };
  });
}

/** Gives the agency of the bench its signatures. */
export async function activate(app: INestApplicationContext, signatures: number): Promise<void> {
  const at = new Date().toISOString();
  const key = { type: 'enterKey', kind: 'activation', serial: 'bench', signatures, at } as const;
  await app.get(EventStore).execute(credit, `credit-${AGENCY.id}`, key, context());
}

const PARAGRAPH =
  'Malgré notre précédent courrier, nous constatons que votre compte de locataire présente à ce jour un solde débiteur. Nous vous demandons de bien vouloir régulariser votre situation dans les huit jours qui suivent la réception de la présente.';

/** The HTML of the letter that the agency writes: a reminder of a page. */
export const letterHtml = ({ name, amount, partyCode }: CampaignRecipient): string =>
  layOutLetter({
    sender: AGENCY,
    addressee: [`M. ${name}`, '12 rue des Lilas', '75011 Paris'],
    date: '20 mars 2018',
    references: [{ label: 'Dossier', value: partyCode }],
    subject: 'Rappel recommandé avant commandement',
    body: [`Bonjour ${name},`, PARAGRAPH, `Somme due : ${amount}`, PARAGRAPH, PARAGRAPH].join('\n\n'),
  });

export const letterOf = ({ letterId, name, partyCode }: CampaignRecipient, pdf: Buffer): LetterToSubmit => ({
  letterId,
  agency: AGENCY,
  dossier: partyCode,
  partyCode,
  partyKind: 'tenant',
  professional: false,
  recipient: { civility: 'M.', name, email: `locataire.${partyCode}@exemple.example`, mobile: '+33612345678' },
  otp: true,
  retentionDays: 15,
  alertDays: 5,
  documents: [{ name: 'Rappel_recommande.pdf', bytes: pdf }],
});
