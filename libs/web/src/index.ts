export { Attempts, networkOf, TooManyAttempts, type Limit } from './attempts.js';
export { assets, sharedAsset } from './assets.js';
export { FailureFilter } from './failure-filter.js';
export { readInput } from './input.js';
export { LivePages, type LivePagesOptions, type Shown } from './live-pages.js';
export { dates, Pages, type Site } from './pages.js';
export { EdgeFailure, InvalidInput, notFound, type FieldFault, type Problem } from './problem.js';
export { sameOriginOnly, securityHeaders } from './security.js';
export { answerFramedPdf, answerImage, answerPdf, type Disposition } from './pdf-answer.js';
