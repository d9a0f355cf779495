import { LogInTaken, RequestDiffers, ReferencesExhausted, TemplateFaulty } from '#libs/commands';
import { campaignRefusals } from '#libs/campaign';
import { refusals as creditRefusals } from '#libs/credit';
import { refusals as agencyRefusals, partyRefusals } from '#libs/directory';
import { DocumentAltered, DocumentMissing, ProofRefused } from '#libs/documents';
import { CommandRefused, ConcurrencyExhausted, EventStoreUnavailable, isMongoAway } from '#libs/event-store';
import { filingRefusals } from '#libs/filing';
import { refusals, type RefusalMeaning } from '#libs/letter';
import { reminderRefusals } from '#libs/reminders';
import { templateRefusals } from '#libs/templates';
import type { Problem } from '#libs/web';
import { AuditCursorInvalid } from '#projections/audit-log';
import { HistoryCursorInvalid } from '#projections/agency-history';
import { FilingCursorInvalid } from '#projections/filed-documents';
import { ReminderCursorInvalid } from '#projections/reminders';
import { QueueCursorInvalid } from '#projections/print-queue';
import { PartyCursorInvalid } from '#projections/third-parties';
import { FIELD_OF_CAMPAIGN_REFUSAL } from './campaigns/settings-form.js';
import { FIELD_OF_REFUSAL } from './letters/letter-form.js';
import { FIELD_OF_PARTY_REFUSAL } from './parties/party-form.js';
import { faultsOf, FIELD_OF_TEMPLATE_REFUSAL } from './templates/template-faults.js';

/** This application's own errors as problems; undefined for one that it does not know. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof CommandRefused) return problemOfRefusal(error.code);
  if (error instanceof LogInTaken) return { status: 409, code: error.code, title: error.message };
  if (error instanceof RequestDiffers) return { status: 422, code: error.code, title: error.message };
  if (error instanceof ReferencesExhausted || error instanceof ConcurrencyExhausted) return BUSY;
  if (error instanceof EventStoreUnavailable || isMongoAway(error)) return AWAY;
  if (error instanceof ProofRefused) return problemOfProof(error);
  if (error instanceof TemplateFaulty) {
    return { status: 422, code: error.code, title: error.message, errors: faultsOf(error) };
  }
  if (isCursorInvalid(error)) return noSuchPlace(error.code);
  if (error instanceof DocumentMissing || error instanceof DocumentAltered) return UNREADABLE;
  return undefined;
}

const CURSORS = [
  AuditCursorInvalid,
  HistoryCursorInvalid,
  PartyCursorInvalid,
  FilingCursorInvalid,
  ReminderCursorInvalid,
  QueueCursorInvalid,
];
const isCursorInvalid = (error: unknown): error is { readonly code: string } =>
  CURSORS.some((cursor) => error instanceof cursor);

const MEANINGS: Readonly<Record<string, RefusalMeaning>> = {
  ...refusals,
  ...agencyRefusals,
  ...partyRefusals,
  ...creditRefusals,
  ...filingRefusals,
  ...reminderRefusals,
  ...campaignRefusals,
  ...templateRefusals,
};

/** What a refusal of a letter, of a third party, of an agency, of an account, of a filed document, of a reminder line or of a template says to people. */
export const sentenceOfRefusal = (code: string): string | undefined => MEANINGS[code]?.sentence;

function problemOfRefusal(code: string): Problem | undefined {
  const meaning = MEANINGS[code];
  if (!meaning) return undefined;
  const { status, sentence } = meaning;
  const field =
    FIELD_OF_REFUSAL[code]?.api ??
    FIELD_OF_PARTY_REFUSAL[code] ??
    FIELD_OF_CAMPAIGN_REFUSAL[code] ??
    FIELD_OF_TEMPLATE_REFUSAL[code];
  return { status, code, title: sentence, ...(field ? { errors: [{ field, message: sentence }] } : {}) };
}

function problemOfProof({ code, message }: ProofRefused): Problem {
  const status = code === 'PROOF_TOO_LARGE' ? 413 : 422;
  return { status, code, title: message, errors: [{ field: 'proof', message }] };
}

const BUSY: Problem = {
  status: 503,
  code: 'BUSY',
  title: 'Trop de demandes arrivent au même instant : réessayez dans une seconde.',
};
/** The event store or MongoDB does not answer; both come back by themselves. */
const AWAY: Problem = {
  status: 503,
  code: 'STORE_UNAVAILABLE',
  title: 'Le service est momentanément indisponible : réessayez dans un instant.',
};
const noSuchPlace = (code: string): Problem => ({
  status: 422,
  code,
  title: 'Cette suite de la liste n’existe pas : recommencez à la première page.',
});
const UNREADABLE: Problem = {
  status: 500,
  code: 'DOCUMENT_UNREADABLE',
  title: 'Ce document ne peut pas être rendu à l’identique : prévenez l’exploitant du service.',
};
