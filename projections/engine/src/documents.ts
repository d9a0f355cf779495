import type { AnyBulkWriteOperation, Collection, WriteError } from 'mongodb';
import { MongoBulkWriteError } from 'mongodb';
import type { FoldedWrites, ProjectedDocument } from './folded-writes.js';

const DUPLICATE_KEY = 11_000;

/** Whether a write failed because its document is there: nothing else may be overlooked, no other unique index either. */
const isThere = ({ code, errmsg }: WriteError): boolean => code === DUPLICATE_KEY && /index: _id_ /.test(errmsg ?? '');

function writeErrorsOf(error: unknown): readonly WriteError[] {
  if (!(error instanceof MongoBulkWriteError)) throw error;
  const errors: readonly WriteError[] = [error.writeErrors].flat();
  if (errors.length === 0 || !errors.every(isThere)) throw error;
  return errors;
}

/**
 * Sets the fields of each document that has not seen its last event yet. On one that has, the guard finds nothing and
 * the upsert meets the document's own id: already applied.
 */
export async function update(collection: Collection<ProjectedDocument>, folded: FoldedWrites): Promise<void> {
  const operations: AnyBulkWriteOperation<ProjectedDocument>[] = [];
  for (const { id, set, position } of folded.updates()) operations.push(guarded(id, set, position));
  await writeAll(collection, operations);
}

function guarded(
  id: string,
  set: Readonly<Record<string, unknown>>,
  position: bigint,
): AnyBulkWriteOperation<ProjectedDocument> {
  return {
    updateOne: {
      filter: { _id: id, position: { $lt: position } },
      update: { $set: { ...set, position } },
      upsert: true,
    },
  };
}

async function writeAll(
  collection: Collection<ProjectedDocument>,
  operations: AnyBulkWriteOperation<ProjectedDocument>[],
): Promise<void> {
  if (operations.length === 0) return;
  try {
    await collection.bulkWrite(operations, { ordered: false });
  } catch (error) {
    writeErrorsOf(error);
  }
}

/** For a collection that is being filled: most documents are new, and inserting is several times faster than upserting. */
export async function insert(collection: Collection<ProjectedDocument>, folded: FoldedWrites): Promise<void> {
  if (folded.size === 0) return;
  try {
    await collection.insertMany([...folded.documents()], { ordered: false });
  } catch (error) {
    const there = new Set(writeErrorsOf(error).map(({ index }) => index));
    const updates = [...folded.updates()].filter((_, index) => there.has(index));
    await writeAll(
      collection,
      updates.map(({ id, set, position }) => guarded(id, set, position)),
    );
  }
}
