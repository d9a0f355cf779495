export { AgencyTemplates } from './agency-templates.js';
export type { KindOfTemplates, ListedTemplate } from './agency-templates.js';
export { templatesProjection } from './projection.js';
