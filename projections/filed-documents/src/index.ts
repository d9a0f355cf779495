export { FiledDocuments, FilingCursorInvalid } from './filed-documents.js';
export type { FiledDocumentPage, FiledDocumentQuery, FiledDocumentRow } from './filed-documents.js';
export { filedDocumentsProjection } from './projection.js';
