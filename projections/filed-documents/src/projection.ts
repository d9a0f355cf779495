import type { FiledDocumentEvent, FilePrint } from '#libs/filing';
import { projection, searchTerms, write, type Write } from '#projections/engine';

/** The documents of an agency's store (GED): one for each that was ever filed, named as its stream. */
export const filedDocumentsProjection = projection<FiledDocumentEvent>({
  name: 'filed-documents',
  version: 1,
  prefixes: ['filed-'],
  indexes: [
    { key: { agencyId: 1, removed: 1, position: -1 } },
    { key: { agencyId: 1, removed: 1, category: 1, position: -1 } },
    { key: { agencyId: 1, removed: 1, partyCode: 1, category: 1, position: -1 } },
    { key: { agencyId: 1, searchTerms: 1 } },
  ],
  on: {
    DocumentFiled: ({ stream, event: { data, personal } }) => {
      const { agencyId, partyCode, category, file, at } = data;
      const documentId = stream.slice(`filed-${agencyId}-`.length);
      const place = { agencyId, documentId, partyCode, category, removed: false };
      return write(stream, { ...place, ...filed(file, personal?.name, at) });
    },
    DocumentReplaced: ({ stream, event: { data, personal } }) =>
      write(stream, filed(data.file, personal?.name, data.at)),
    DocumentRemoved: ({ stream }) => write(stream, { removed: true }),
  },
});

/** `name` is null, and nothing is found by it, once the key of the document has been destroyed. */
function filed({ sha256, size, pages }: FilePrint, name: string | undefined, filedAt: string): Write['set'] {
  return { sha256, size, pages, name: name ?? null, filedAt, searchTerms: searchTerms(name) };
}
