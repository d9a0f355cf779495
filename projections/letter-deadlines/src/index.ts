export { LetterDeadlines } from './letter-deadlines.js';
export type { DueLetter } from './letter-deadlines.js';
export { letterDeadlinesProjection } from './projection.js';
