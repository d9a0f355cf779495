import type { sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { Caller } from './access/caller.js';
import type { ExpectedRevision, WriteResult } from './append-decision.js';
import { streams } from './protocol.js';
import { expectedAsNumber, expectedRevisionOf, parseUnsigned } from './revisions.js';
import {
  accessDenied,
  invalidArgument,
  storageFailure,
  streamDeleted,
  wrongExpectedVersion,
  type RpcError,
} from './rpc-errors.js';
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
  removeStream(store, caller, call.request.getOptions(), softDelete, (error, position = '') => {
    const place = new streams.DeleteResp.Position().setCommitPosition(position).setPreparePosition(position);
    callback(error, error === null ? new streams.DeleteResp().setPosition(place) : undefined);
  });
}

/** `Streams.Tombstone`: ends the stream for good. */
export function handleTombstone(
  store: Store,
  caller: Caller,
  call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
  callback: sendUnaryData<streams.TombstoneResp>,
): void {
  removeStream(store, caller, call.request.getOptions(), tombstone, (error, position = '') => {
    const place = new streams.TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position);
    callback(error, error === null ? new streams.TombstoneResp().setPosition(place) : undefined);
  });
}

type RemovalOptions = streams.DeleteReq.Options | streams.TombstoneReq.Options;

function removeStream(
  store: Store,
  caller: Caller,
  options: RemovalOptions | undefined,
  remove: (log: Store['log'], stream: string, expected: ExpectedRevision) => WriteResult,
  answer: (error: RpcError | null, position?: string) => void,
): void {
  const stream = streamNameOf(options?.getStreamIdentifier());
  const expected =
    options && (expectedRevisionOf(options) ?? (options.hasRevision() ? parseUnsigned(options.getRevision()) : 'any'));
  if (stream === '' || expected === undefined) {
    return answer(invalidArgument('A stream name is needed to delete a stream.'));
  }
  if (!caller.mayDo('delete', stream)) return answer(accessDenied());
  const settle = (result: WriteResult) => {
    if (result.kind === 'stream-deleted') return answer(streamDeleted(stream));
    if (result.kind === 'wrong-expected-revision') {
      return answer(wrongExpectedVersion('Delete', stream, expectedAsNumber(expected), result.actual));
    }
    answer(null, String(result.position));
  };
  store.commits.submit(
    () => remove(store.log, stream, expected),
    settle,
    (error) => answer(storageFailure(error)),
  );
}
