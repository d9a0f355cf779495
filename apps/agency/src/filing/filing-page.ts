import { fullName } from '#libs/directory';
import { categoryLabels, describeFiling } from '#libs/filing';
import type { FiledDocumentRow } from '#projections/filed-documents';
import type { PartyRow } from '#projections/third-parties';
import { sizeInWords } from '../letters/letter-page.js';
import { partyAddress } from '../parties/party-page.js';
import type { OwnDocument } from './filing.js';

/** Where the page of a filed document is. */
export const documentAddress = (documentId: string): string => `/documents/${documentId}`;

const NAMELESS = 'Document sans nom';

/** A row of a list; `party` is that of the document, where the agency knows it. */
export function documentLine(row: FiledDocumentRow, party: PartyRow | undefined): Record<string, unknown> {
  const { documentId, partyCode, category, name, size, pages, filedAt } = row;
  return {
    href: documentAddress(documentId),
    file: `${documentAddress(documentId)}/fichier`,
    name: name ?? NAMELESS,
    category: categoryLabels[category],
    party: partyCode === null ? undefined : partyLink(partyCode, party),
    pages: pagesInWords(pages),
    size: sizeInWords(size),
    filedAt,
  };
}

function partyLink(code: string, party: PartyRow | undefined): object {
  const name = party?.details ? fullName(party.details) : undefined;
  return { code, name, href: partyAddress(code) };
}

const pagesInWords = (pages: number): string => `${pages}\u00a0page${pages > 1 ? 's' : ''}`;

/** What the page of one document shows. */
export function documentPage(
  { documentId, state, events }: OwnDocument,
  party: PartyRow | undefined,
): { title: string } & Record<string, unknown> {
  const { agencyId, partyCode, category, name, file, filedAt } = state;
  const row = { agencyId, documentId, partyCode, category, name, filedAt, ...file };
  return {
    ...documentLine(row, party),
    title: name ?? NAMELESS,
    sha256: file.sha256,
    timeline: events.map(({ event }) => ({ at: event.data.at, line: describeFiling(event) })).toReversed(),
  };
}

/** A document as programs read it. */
export function documentAnswer(row: Omit<FiledDocumentRow, 'agencyId'>): object {
  const { documentId, partyCode, category, name, sha256, size, pages, filedAt } = row;
  const self = `/api/documents/${documentId}`;
  const links = { self, file: `${self}/file`, page: documentAddress(documentId) };
  return { id: documentId, partyCode, category, name, sha256, size, pages, filedAt, links };
}

/** The same with its history. */
export function ownDocumentAnswer({ documentId, state, events }: OwnDocument): object {
  const { partyCode, category, name, file, filedAt } = state;
  return {
    ...documentAnswer({ documentId, partyCode, category, name, filedAt, ...file }),
    events: events.map(({ event, revision, id, recordedAt, metadata }) => ({
      revision: Number(revision),
      id,
      type: event.type,
      at: event.data.at,
      recordedAt: recordedAt.toISOString(),
      data: event.data,
      chain: metadata.chain,
    })),
  };
}
