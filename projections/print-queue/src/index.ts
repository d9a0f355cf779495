export { PrintQueue, QueueCursorInvalid } from './print-queue.js';
export type { PrintJobRow, QueuePage, QueueQuery } from './print-queue.js';
export { printQueueProjection } from './projection.js';
