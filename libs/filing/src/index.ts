export { catalogue, documentCategories } from './events.js';
export type { DocumentCategory, FiledDocumentEvent, FilePrint, Place } from './events.js';
export type { FiledDocumentCommand, NamedFile } from './commands.js';
export { filingRefusals } from './refusals.js';
export type { FilingRefusalCode } from './refusals.js';
export type { FiledDocument, KnownDocument } from './state.js';
export { filedDocument } from './decide.js';
export { categoryLabels, describeFiling } from './labels.js';
