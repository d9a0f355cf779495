export { AuditCursorInvalid, AuditLog } from './audit-log.js';
export type { AuditEntry, AuditQuery } from './audit-log.js';
export { actionLabels } from './labels.js';
export type { ActionType } from './labels.js';
export { auditLogProjection } from './projection.js';
