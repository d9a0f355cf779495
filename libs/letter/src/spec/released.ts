import { readdirSync, readFileSync } from 'node:fs';
import type { EventBody } from '../decider.js';
import { catalogue } from '../events.js';
import type { LetterEvent, LetterEventType } from '../events.js';

const folder = new URL('../fixtures/', import.meta.url);

/** The stored events that are kept for ever, one of each schema ever released: `Signed.1.json`. */
export const files: readonly string[] = readdirSync(folder);

/** Every event type with each schema that was ever released. */
export const released = (Object.keys(catalogue) as LetterEventType[]).flatMap((type) =>
  Array.from({ length: catalogue[type].schema }, (_, index) => [type, index + 1] as const),
);

/** A released event as it was stored, brought to the current schema by the catalogue's steps. */
export function fixture(type: LetterEventType, version = 1): LetterEvent {
  return upcast(type, version, bodyOf(type, version));
}

/** The same event once its stream's key is destroyed: the steps never see the personal part. */
export function erasedFixture(type: LetterEventType, version = 1): LetterEvent {
  return upcast(type, version, { data: bodyOf(type, version).data });
}

function bodyOf(type: LetterEventType, version: number): EventBody {
  const text = readFileSync(new URL(`${type}.${version}.json`, folder), 'utf8');
  const { type: storedType, schema, ...body } = JSON.parse(text) as { type: string; schema: number } & EventBody;
  expect([storedType, schema]).toEqual([type, version]);
  return body;
}

function upcast(type: LetterEventType, version: number, stored: EventBody): LetterEvent {
  const steps: Readonly<Record<number, (older: EventBody) => EventBody>> = catalogue[type].upcast;
  let body = stored;
  for (let from = version; from < catalogue[type].schema; from += 1) body = steps[from]?.(body) ?? body;
  return { type, ...body } as unknown as LetterEvent;
}

/** The fields of an event with the kind of their values, as `data.documents.0.pages number`. */
export function shapeOf({ data, personal }: LetterEvent): string[] {
  return fieldsOf({ data, ...(personal && { personal }) }, '').toSorted();
}

function fieldsOf(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${path} ${typeof value}`];
  return Object.entries(value).flatMap(([key, part]) => fieldsOf(part, path ? `${path}.${key}` : key));
}
