import { PDFDocument } from '@cantoo/pdf-lib';
import { newLetterId } from '../letters/letter-form.js';

/** A PDF of one page that says nothing but its title. */
export async function pdf(name: string, title = name): Promise<File> {
  const document = await PDFDocument.create();
  document.setTitle(title);
  document.addPage();
  return file(name, await document.save());
}

export async function encryptedPdf(name: string): Promise<File> {
  const document = await PDFDocument.create();
  document.addPage();
  document.encrypt({ userPassword: 'secret', ownerPassword: 'secret' });
  return file(name, await document.save());
}

export const file = (name: string, bytes: Uint8Array | string): File =>
  new File([typeof bytes === 'string' ? bytes : Buffer.from(bytes)], name, { type: 'application/pdf' });

/** One byte more than a document may have; it begins as a PDF does. */
export function oversizedPdf(name: string): File {
  const bytes = Buffer.alloc(25 * 1024 * 1024 + 1, 0x20);
  bytes.write('%PDF-1.7\n');
  return file(name, bytes);
}

/** A letter as the API takes it. */
export const letter = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  recipient: { civility: 'Mme', name: 'Armande Rose', email: 'armande.rose@example.fr', mobile: '06 12 34 56 78' },
  partyKind: 'tenant',
  partyCode: '40213',
  dossier: '001',
  otp: true,
  ...changes,
});

/** The same letter as the page's form sends it. */
export const formFields = (changes: Record<string, string> = {}): Record<string, string> => ({
  letterId: newLetterId(),
  civility: 'Mme',
  name: 'Armande Rose',
  email: 'armande.rose@example.fr',
  mobile: '06 12 34 56 78',
  partyKind: 'tenant',
  partyCode: '40213',
  dossier: '001',
  otp: 'yes',
  retentionDays: '15',
  alertDays: '5',
  ...changes,
});

export function form(fields: Record<string, string>, documents: readonly File[]): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (const document of documents) data.append('documents', document);
  return data;
}
