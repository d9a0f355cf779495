import { RequestDiffers, ReferencesExhausted } from '#libs/commands';
import { DocumentAltered, DocumentMissing } from '#libs/documents';
import { refusals as creditRefusals } from '#libs/credit';
import { CommandRefused, ConcurrencyExhausted, EventStoreUnavailable, isMongoAway } from '#libs/event-store';
import { refusals as letterRefusals, type RefusalMeaning } from '#libs/letter';
import type { Problem } from '#libs/web';
import { HistoryCursorInvalid } from '#projections/agency-history';
import { FIELD_OF_REFUSAL } from './letters/letter-form.js';

/** This application's own errors as problems; undefined for one that it does not know. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof CommandRefused) return problemOfRefusal(error.code);
  if (error instanceof RequestDiffers) return { status: 422, code: error.code, title: error.message };
  if (error instanceof ReferencesExhausted || error instanceof ConcurrencyExhausted) return BUSY;
  if (error instanceof EventStoreUnavailable || isMongoAway(error)) return AWAY;
  if (error instanceof HistoryCursorInvalid) return NO_SUCH_PLACE;
  if (error instanceof DocumentMissing || error instanceof DocumentAltered) return UNREADABLE;
  return undefined;
}

const REFUSALS: Readonly<Record<string, RefusalMeaning | undefined>> = { ...letterRefusals, ...creditRefusals };

function problemOfRefusal(code: string): Problem | undefined {
  const refusal = REFUSALS[code];
  if (!refusal) return undefined;
  const { status, sentence } = refusal;
  const field = FIELD_OF_REFUSAL[code]?.api;
  return { status, code, title: sentence, ...(field ? { errors: [{ field, message: sentence }] } : {}) };
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
const NO_SUCH_PLACE: Problem = {
  status: 422,
  code: 'HISTORY_CURSOR_INVALID',
  title: 'Cette suite de la liste n’existe pas : recommencez à la première page.',
};
const UNREADABLE: Problem = {
  status: 500,
  code: 'DOCUMENT_UNREADABLE',
  title: 'Ce document ne peut pas être rendu à l’identique : prévenez l’exploitant du service.',
};
