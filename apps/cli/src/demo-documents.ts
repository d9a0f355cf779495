import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib';
import { v5 as uuidv5 } from 'uuid';
import { FiledDocumentById, FileDocument } from '#libs/commands';
import { categoryLabels, type DocumentCategory } from '#libs/filing';
import { asOperator, type Operator } from './operator.js';

interface DemoDocument {
  readonly partyCode: string | null;
  readonly category: DocumentCategory;
  readonly name: string;
  readonly lines: readonly string[];
}

const AGENCY = null;

/** What an agency has of the third parties of the demonstration (manual IV.2, « Liste des Documents »). */
const DOCUMENTS: readonly DemoDocument[] = [
  {
    partyCode: '40017',
    category: 'lease',
    name: 'Bail CHARPENTIER.pdf',
    lines: [
      'Entre l’agence Latour, mandataire,',
      'et M. et Mme CHARPENTIER, locataires,',
      '12 rue des Clercs, 57000 Metz.',
    ],
  },
  {
    partyCode: '40017',
    category: 'insurance',
    name: 'Attestation habitation 2025.pdf',
    lines: ['Assurance multirisque habitation', 'Valable du 01/01/2025 au 31/12/2025'],
  },
  {
    partyCode: '40017',
    category: 'notices',
    name: 'Avis d’échéance 2026-01.pdf',
    lines: ['Loyer de janvier 2026', 'Loyer : 710,00 €', 'Provision sur charges : 85,00 €'],
  },
  {
    partyCode: '40035',
    category: 'lease',
    name: 'Bail GALLISSOT.pdf',
    lines: ['Entre l’agence Latour, mandataire,', 'et M. Philippe GALLISSOT, locataire.'],
  },
  {
    partyCode: '40035',
    category: 'charges',
    name: 'Décompte de charges 2025.pdf',
    lines: ['Régularisation annuelle', 'Solde en faveur du locataire : 42,18 €'],
  },
  {
    partyCode: '40038',
    category: 'lease',
    name: 'Bail BENSEHIL.pdf',
    lines: ['Entre l’agence Latour, mandataire,', 'et M. BENSEHIL et Mme BEN SAÏD, locataires.'],
  },
  {
    partyCode: '40213',
    category: 'correspondence',
    name: 'Mandat de gestion ROSE.pdf',
    lines: ['Entre l’agence Latour, mandataire,', 'et Mme Armance ROSE, propriétaire.'],
  },
  {
    partyCode: AGENCY,
    category: 'correspondence',
    name: 'Barème d’honoraires.pdf',
    lines: ['Honoraires de location et de gestion', 'en vigueur au 1er janvier 2026'],
  },
];

/** Files the demo agency's documents, once each: what somebody has replaced or removed since stays as it is. */
export async function fileDemoDocuments({ commands, queries }: Operator, agencyId: string): Promise<void> {
  for (const { partyCode, category, name, lines } of DOCUMENTS) {
    const documentId = uuidv5(`document/${String(partyCode)}/${name}`, agencyId);
    const { state } = await queries.execute(new FiledDocumentById(agencyId, documentId));
    if (state.status !== 'unknown') continue;
    const document = { partyCode, category, name, bytes: await printed([categoryLabels[category], '', ...lines]) };
    const because = asOperator(uuidv5('file', documentId), agencyId);
    await commands.execute(new FileDocument(agencyId, documentId, document, because));
  }
}

/** A page with these lines; the same ones make the same bytes. */
async function printed(lines: readonly string[]): Promise<Buffer> {
  const document = await PDFDocument.create();
  document.setCreationDate(new Date(0));
  document.setModificationDate(new Date(0));
  const page = document.addPage([595, 842]);
  const font = await document.embedFont(StandardFonts.Helvetica);
  ['DÉMONSTRATION', ...lines].forEach((line, index) =>
    page.drawText(line, { x: 60, y: 760 - index * 24, size: 12, font }),
  );
  return Buffer.from(await document.save());
}
