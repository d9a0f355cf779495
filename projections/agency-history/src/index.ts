export { AgencyHistory, HistoryCursorInvalid } from './agency-history.js';
export type { HistoryPage, HistoryQuery, HistoryRow, HistoryStatus } from './agency-history.js';
export { agencyHistoryProjection } from './projection.js';
