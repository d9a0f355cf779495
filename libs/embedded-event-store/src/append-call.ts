import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import type { Caller } from './access/caller.js';
import type { ExpectedRevision, WriteResult } from './append-decision.js';
import { ProposedEvents } from './proposed-events.js';
import { shared, streams } from './protocol.js';
import { expectedRevisionOf, parseUnsigned } from './revisions.js';
import { accessDenied, invalidArgument, storageFailure, streamDeleted, type RpcError } from './rpc-errors.js';
import type { Store } from './store.js';
import { streamNameOf } from './stream-name.js';
import { append } from './write.js';

/** `Streams.Append`: options first, then the events one by one, one answer at the end. Returned is how to end it before that. */
export function handleAppend(
  store: Store,
  caller: Caller,
  call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
  callback: sendUnaryData<streams.AppendResp>,
): { fail(error: RpcError): void; onStop(listener: () => void): void } {
  const proposed = new ProposedEvents(store.maximumAppendSize);
  let target: { stream: string; expected: ExpectedRevision } | undefined;
  let refused = false;
  const refuse = (error: RpcError) => {
    if (!refused) callback(error);
    refused = true;
  };
  call.on('data', (request: streams.AppendReq) => {
    const options = request.getOptions();
    const message = request.getProposedMessage();
    if (options !== undefined) target = targetOf(options);
    if (target !== undefined && !caller.mayDo('write', target.stream)) return refuse(accessDenied());
    const error = message === undefined || refused ? undefined : proposed.add(message);
    if (error !== undefined) refuse(error);
  });
  call.on('end', () => {
    if (refused) return;
    if (target === undefined) return refuse(invalidArgument('An append needs a stream name and an expected revision.'));
    const { stream, expected } = target;
    store.commits.submit(
      () => append(store.log, stream, expected, proposed.events),
      (result) => answer(callback, stream, expected, result),
      (error) => callback(storageFailure(error)),
    );
    // From here on there will be exactly one answer.
    refused = true;
  });
  return {
    fail: refuse,
    onStop: (listener) => void call.once('close', listener).once('cancelled', listener),
  };
}

function targetOf(options: streams.AppendReq.Options): { stream: string; expected: ExpectedRevision } | undefined {
  const stream = streamNameOf(options.getStreamIdentifier());
  const expected =
    expectedRevisionOf(options) ?? (options.hasRevision() ? parseUnsigned(options.getRevision()) : undefined);
  return stream === '' || expected === undefined ? undefined : { stream, expected };
}

function answer(
  callback: sendUnaryData<streams.AppendResp>,
  stream: string,
  expected: ExpectedRevision,
  result: WriteResult,
): void {
  if (result.kind === 'stream-deleted') return callback(streamDeleted(stream));
  const response = new streams.AppendResp();
  if (result.kind === 'written') response.setSuccess(successOf(result));
  else response.setWrongExpectedVersion(wrongVersionOf(expected, result.actual));
  callback(null, response);
}

function successOf({ revision, position }: WriteResult & { kind: 'written' }): streams.AppendResp.Success {
  const success = new streams.AppendResp.Success().setCurrentRevision(String(revision));
  if (position === undefined) return success.setNoPosition(new shared.Empty());
  const at = String(position);
  return success.setPosition(new streams.AppendResp.Position().setCommitPosition(at).setPreparePosition(at));
}

function wrongVersionOf(expected: ExpectedRevision, actual: number): streams.AppendResp.WrongExpectedVersion {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (actual < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(actual));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  return wrong;
}
