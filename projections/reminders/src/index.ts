export { reminderCursor, ReminderCursorInvalid, Reminders } from './reminders.js';
export type { ReminderPage, ReminderQuery, ReminderRow } from './reminders.js';
export { remindersProjection } from './projection.js';
