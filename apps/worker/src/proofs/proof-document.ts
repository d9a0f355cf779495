import type { ProofDocument, ProofLine } from '#libs/documents';
import { lastDayLabel, type EventOf } from '#libs/letter';
import { proofLabels, type ProofFacts } from '#libs/proof';
import { addressee } from '../mails/letter-mails.js';

const instant = (label: string, value: string, note?: string): ProofLine => ({
  label,
  value,
  instant: true,
  ...(note === undefined ? {} : { note }),
});

/** What the proof attests, and the lines that it has beside those of a deposit (R. 53-2, R. 53-3 CPCE). */
function attested(facts: ProofFacts): { readonly statement: string; readonly lines: readonly ProofLine[] } {
  const { event } = facts;
  switch (event.type) {
    case 'Signed':
      return {
        statement: 'Le destinataire a accepté la lettre, puis l’a reçue contre signature.',
        lines: receptionLines(facts, event),
      };
    case 'Refused':
      return {
        statement: 'Le destinataire a refusé la lettre.',
        lines: [...noticeLines(facts), instant('Date et heure du refus', event.data.at)],
      };
    case 'Expired':
      return {
        statement: 'Le destinataire n’a ni accepté ni refusé la lettre dans le délai : elle n’est pas réclamée.',
        lines: [...noticeLines(facts), instant('Fin du délai', event.data.windowEndsAt)],
      };
    case 'NotificationFailed':
      return {
        statement: 'La messagerie du destinataire a refusé l’avis qui lui annonçait la lettre.',
        lines: [
          instant('Date et heure de l’échec', event.data.at),
          { label: 'Avis', value: `n° ${String(event.data.notice)}`, note: event.personal?.response ?? '' },
          { label: 'Code de la messagerie', value: String(event.data.code) },
        ],
      };
    case 'ContentAccessed':
      return { statement: accessStatement(event), lines: accessLines(facts, event) };
    default:
      return { statement: 'La lettre a été déposée auprès du service pour être remise au destinataire.', lines: [] };
  }
}

const noticeLines = ({ notice }: ProofFacts): readonly ProofLine[] =>
  notice
    ? [
        instant('Avis envoyé le', notice.at),
        { label: 'Réponse possible', value: `jusqu’au ${lastDayLabel(notice.windowEndsAt)} inclus` },
      ]
    : [];

const receptionLines = (facts: ProofFacts, { data, personal }: EventOf<'Signed'>): readonly ProofLine[] => [
  ...noticeLines(facts),
  ...(facts.acceptedAt === undefined ? [] : [instant('Date et heure d’acceptation', facts.acceptedAt)]),
  instant('Date et heure de réception', data.at),
  { label: 'Signataire', value: personal?.signatory ?? '' },
  { label: 'N° de package', value: data.packageNumber },
];

const accessStatement = ({ data }: EventOf<'ContentAccessed'>): string =>
  data.mode === 'opened'
    ? 'Le destinataire a ouvert un document de la lettre.'
    : 'Le destinataire a téléchargé un document de la lettre.';

function accessLines({ documents }: ProofFacts, { data }: EventOf<'ContentAccessed'>): readonly ProofLine[] {
  const name = documents.find(({ sha256 }) => sha256 === data.sha256)?.name ?? 'Accusé de réception';
  return [
    instant('Date et heure de l’accès', data.at),
    { label: 'Document', value: name, note: `SHA-256 ${data.sha256}` },
  ];
}

/** The proof of these facts in words. The same facts give the same document. */
export function proofDocument(facts: ProofFacts, sealedBy: string, qualification?: string): ProofDocument {
  const { kind, terms, sender, recipient, depositedAt, documents, id, revision, chain } = facts;
  const { statement, lines } = attested(facts);
  return {
    title: proofLabels[kind],
    ...{ statement, sealedBy, qualification },
    reference: terms.reference,
    sections: [
      {
        title: 'Expéditeur et destinataire',
        lines: [
          { label: 'Expéditeur', value: sender.name, note: sender.email },
          { label: 'Destinataire', value: addressee(recipient), note: recipient.email },
        ],
      },
      { title: 'Dates', lines: [instant('Date et heure de dépôt', depositedAt), ...lines] },
      {
        title: `${documents.length === 1 ? 'Document déposé' : 'Documents déposés'}, avec empreinte SHA-256`,
        lines: documents.map(({ name, sha256 }, index) => ({
          label: `Document ${String(index + 1)}`,
          value: name,
          note: sha256,
        })),
      },
      {
        title: 'Traçabilité',
        lines: [
          { label: 'Événement', value: `n° ${String(revision)}`, note: id },
          { label: 'Chaîne des événements', value: 'SHA-256', note: chain },
          { label: 'Règles appliquées', value: terms.legalProfile },
        ],
      },
    ],
  };
}
