export { DocumentAddressInvalid, DocumentAltered, DocumentMissing, DocumentStore } from './document-store.js';
export type { StoredDocument } from './document-store.js';
export { inspectPdf, LARGEST_PDF_BYTES, PdfInspectionFailed, PdfRefused } from './inspect-pdf.js';
export type { PdfRefusal } from './inspect-pdf.js';
