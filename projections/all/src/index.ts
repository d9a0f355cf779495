import { agencyAccessProjection } from '#projections/agency-access';
import { auditLogProjection } from '#projections/audit-log';
import { agencyHistoryProjection } from '#projections/agency-history';
import { campaignsProjection } from '#projections/campaigns';
import { creditBalanceProjection } from '#projections/credit-balance';
import type { Projection } from '#projections/engine';
import { evidenceArchiveProjection } from '#projections/evidence-archive';
import { filedDocumentsProjection } from '#projections/filed-documents';
import { letterDeadlinesProjection } from '#projections/letter-deadlines';
import { printQueueProjection } from '#projections/print-queue';
import { remindersProjection } from '#projections/reminders';
import { templatesProjection } from '#projections/templates';
import { thirdPartiesProjection } from '#projections/third-parties';

/** Every projection of the product: the worker keeps them up to date, the operator lists and rebuilds them. */
export const projections: readonly Projection[] = [
  agencyHistoryProjection,
  agencyAccessProjection,
  auditLogProjection,
  letterDeadlinesProjection,
  printQueueProjection,
  thirdPartiesProjection,
  filedDocumentsProjection,
  templatesProjection,
  creditBalanceProjection,
  remindersProjection,
  campaignsProjection,
  evidenceArchiveProjection,
];
