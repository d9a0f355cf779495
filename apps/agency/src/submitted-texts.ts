import type { Request } from 'express';

/** Texts of a form (application/x-www-form-urlencoded) by field; one that was sent twice counts as absent. */
export function submittedTexts(request: Request): Partial<Record<string, string>> {
  const entries = Object.entries((request.body ?? {}) as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
