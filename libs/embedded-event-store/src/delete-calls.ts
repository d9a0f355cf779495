import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { Caller } from './access/caller.js';
import type { ExpectedRevision, WriteResult } from './append-decision.js';
import { streams } from './protocol.js';
import { expectedAsNumber, expectedRevisionOf, parseUnsigned } from './revisions.js';
import { accessDenied, invalidArgument, storageFailure, streamDeleted, wrongExpectedVersion } from './rpc-errors.js';
import type { Store } from './store.js';
import { streamNameOf } from './stream-name.js';
import { softDelete, tombstone } from './write.js';

/** `Streams.Delete`: hides the stream's events; it can be written again. */
export function handleDelete(
  store: Store,
  caller: Caller,
  call: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
  callback: sendUnaryData<streams.DeleteResp>,
): void {
  removeStream(store, caller, softDelete, call.request.getOptions(), callback, (position) =>
    new streams.DeleteResp().setPosition(
      new streams.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position),
    ),
  );
}

/** `Streams.Tombstone`: ends the stream for good. */
export function handleTombstone(
  store: Store,
  caller: Caller,
  call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
  callback: sendUnaryData<streams.TombstoneResp>,
): void {
  removeStream(store, caller, tombstone, call.request.getOptions(), callback, (position) =>
    new streams.TombstoneResp().setPosition(
      new streams.TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position),
    ),
  );
}

type RemovalOptions = streams.DeleteReq.Options | streams.TombstoneReq.Options;

function removeStream<Response>(
  store: Store,
  caller: Caller,
  remove: (log: Store['log'], stream: string, expected: ExpectedRevision) => WriteResult,
  options: RemovalOptions | undefined,
  callback: sendUnaryData<Response>,
  respond: (position: string) => Response,
): void {
  const stream = streamNameOf(options?.getStreamIdentifier());
  const expected =
    options && (expectedRevisionOf(options) ?? (options.hasRevision() ? parseUnsigned(options.getRevision()) : 'any'));
  if (stream === '' || expected === undefined) {
    return callback(invalidArgument('A stream name is needed to delete a stream.'));
  }
  if (!caller.mayDo('delete', stream)) return callback(accessDenied());
  const settle = (result: WriteResult) => {
    if (result.kind === 'stream-deleted') return callback(streamDeleted(stream));
    if (result.kind === 'wrong-expected-revision') {
      return callback(wrongExpectedVersion('Delete', stream, expectedAsNumber(expected), result.actual));
    }
    callback(null, respond(String(result.position)));
  };
  store.commits.submit(
    () => remove(store.log, stream, expected),
    settle,
    (error) => callback(storageFailure(error)),
  );
}
