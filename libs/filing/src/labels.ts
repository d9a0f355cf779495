import type { DocumentCategory, FiledDocumentEvent } from './events.js';

/** What an agency reads as the categories (manual IV.2, screen 2). */
export const categoryLabels: Readonly<Record<DocumentCategory, string>> = {
  insurance: 'Assurance',
  notices: 'Avis',
  lease: 'Bail',
  charges: 'Charges',
  correspondence: 'Correspondances',
  departure: 'Départ',
  receipts: 'Encaissement',
  history: 'Historique',
  reminders: 'Relance',
  revision: 'Révision',
  test: 'Test',
};

/** The French line of an event in the document's history. */
export function describeFiling({ type, personal }: FiledDocumentEvent): string {
  const name = personal ? ` : ${personal.name}` : '';
  switch (type) {
    case 'DocumentFiled':
      return `Document classé${name}`;
    case 'DocumentReplaced':
      return `Fichier remplacé${name}`;
    case 'DocumentRemoved':
      return 'Document retiré';
  }
}
