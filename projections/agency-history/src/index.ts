export { AgencyHistory, HistoryCursorInvalid, MOST_ALERTS_COUNTED } from './agency-history.js';
export type { HistoryPage, HistoryQuery, HistoryRow, HistoryStatus } from './agency-history.js';
export { agencyHistoryProjection } from './projection.js';
