import { status, type ServerDuplexStream } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import type { Caller } from './access/caller.js';
import type { ExpectedRevision, WriteResult } from './append-decision.js';
import { Outgoing } from './outgoing.js';
import { ProposedEvents } from './proposed-events.js';
import { shared, status as rpcStatus, streams } from './protocol.js';
import { expectedRevisionOf, parseUnsigned } from './revisions.js';
import { RpcError, storageFailure, streamDeleted } from './rpc-errors.js';
import type { Store } from './store.js';
import { streamIdentifier, streamNameOf } from './stream-name.js';
import { append } from './write.js';

export type BatchAppendCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

interface PendingAppend {
  readonly correlation: shared.UUID;
  readonly stream: string;
  readonly expected: ExpectedRevision;
  /** When the client stops waiting, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly proposed: ProposedEvents;
}

/**
 * `Streams.BatchAppend`: many appends over one call, each in one or more parts with the same correlation id, each answered
 * exactly once (a second answer to an id breaks the client).
 */
export function handleBatchAppend(
  store: Store,
  caller: Caller,
  call: BatchAppendCall,
): Outgoing<streams.BatchAppendResp> {
  const out = new Outgoing(call);
  const batch = new BatchAppend(store, caller, call, out);
  call.on('data', (request: streams.BatchAppendReq) => batch.receive(request));
  call.on('end', () => batch.noMoreRequests());
  return out;
}

class BatchAppend {
  private readonly incomplete = new Map<string, PendingAppend>();
  private unanswered = 0;
  private ended = false;

  constructor(
    private readonly store: Store,
    private readonly caller: Caller,
    private readonly call: BatchAppendCall,
    private readonly out: Outgoing<streams.BatchAppendResp>,
  ) {}

  receive(request: streams.BatchAppendReq): void {
    const correlation = request.getCorrelationId() ?? new shared.UUID();
    const key = correlation.getString() || JSON.stringify(correlation.getStructured()?.toObject());
    const options = request.getOptions();
    if (options !== undefined && !this.begin(key, correlation, options)) return;
    const pending = this.incomplete.get(key);
    // Parts of an append that was already refused: its one answer has been given.
    if (pending === undefined) return;
    for (const message of request.getProposedMessagesList()) {
      const error = pending.proposed.add(message);
      if (error === undefined) continue;
      this.incomplete.delete(key);
      this.send(pending.correlation, pending.stream, errorOf(error));
      return;
    }
    if (!request.getIsFinal()) return;
    this.incomplete.delete(key);
    if (pending.deadline <= Date.now()) return this.send(correlation, pending.stream, timedOut());
    this.commit(pending);
  }

  /** The client sends no more: the call ends with the last answer. */
  noMoreRequests(): void {
    this.ended = true;
    if (this.unanswered === 0) this.out.end();
  }

  private begin(key: string, correlation: shared.UUID, options: streams.BatchAppendReq.Options): boolean {
    const stream = streamNameOf(options.getStreamIdentifier());
    if (!this.caller.mayDo('write', stream)) {
      this.send(
        correlation,
        stream,
        packed(status.PERMISSION_DENIED, 'Access Denied', 'AccessDenied', new shared.AccessDenied()),
      );
      return false;
    }
    const expected =
      expectedRevisionOf(options) ??
      (options.hasStreamPosition() ? parseUnsigned(options.getStreamPosition()) : undefined);
    if (stream === '' || expected === undefined) {
      const sentence = 'An append needs a stream name and an expected revision.';
      this.send(correlation, stream, errorOf(new RpcError(status.INVALID_ARGUMENT, sentence)));
      return false;
    }
    const deadline = options.getDeadline()?.toDate().getTime() ?? Infinity;
    this.incomplete.set(key, {
      correlation,
      stream,
      expected,
      deadline,
      proposed: new ProposedEvents(this.store.maximumAppendSize),
    });
    return true;
  }

  private commit({ correlation, stream, expected, proposed }: PendingAppend): void {
    this.unanswered++;
    const answered = (answer: rpcStatus.Status | streams.BatchAppendResp.Success) => {
      this.unanswered--;
      this.send(correlation, stream, answer);
      if (this.ended && this.unanswered === 0) this.out.end();
    };
    this.store.commits.submit(
      () => append(this.store.log, stream, expected, proposed.events),
      (result) => answered(answerTo(stream, expected, result)),
      (error) => answered(errorOf(storageFailure(error))),
    );
  }

  private send(
    correlation: shared.UUID,
    stream: string,
    answer: rpcStatus.Status | streams.BatchAppendResp.Success,
  ): void {
    const response = new streams.BatchAppendResp().setCorrelationId(correlation);
    response.setStreamIdentifier(streamIdentifier(stream));
    if (answer instanceof rpcStatus.Status) response.setError(answer);
    else response.setSuccess(answer);
    const wait = this.out.send(response);
    if (wait === undefined) return;
    // A client that does not read its answers must not make the server keep them: stop reading its requests.
    if (this.call.isPaused()) return;
    this.call.pause();
    void wait.then(() => this.call.resume());
  }
}

function answerTo(
  stream: string,
  expected: ExpectedRevision,
  result: WriteResult,
): rpcStatus.Status | streams.BatchAppendResp.Success {
  if (result.kind === 'stream-deleted') return errorOf(streamDeleted(stream), stream);
  if (result.kind === 'wrong-expected-revision') return wrongVersionOf(expected, result.actual);
  const success = new streams.BatchAppendResp.Success().setCurrentRevision(String(result.revision));
  if (result.position === undefined) return success.setNoPosition(new shared.Empty());
  const at = String(result.position);
  return success.setPosition(new shared.AllStreamPosition().setCommitPosition(at).setPreparePosition(at));
}

function timedOut(): rpcStatus.Status {
  return packed(status.DEADLINE_EXCEEDED, 'Timeout', 'Timeout', new shared.Timeout());
}

function wrongVersionOf(expected: ExpectedRevision, actual: number): rpcStatus.Status {
  const wrong = new shared.WrongExpectedVersion();
  if (actual < 0) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentStreamRevision(String(actual));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedStreamPosition(String(expected));
  return packed(status.ALREADY_EXISTS, 'WrongExpectedVersion', 'WrongExpectedVersion', wrong);
}

/** An error in the form that batch answers carry: a google.rpc.Status with one detail that names the kind. */
function errorOf(error: RpcError, stream?: string): rpcStatus.Status {
  const { code, details, metadata } = error;
  const [exception] = metadata.get('exception');
  if (exception === 'stream-deleted') {
    const deleted = new shared.StreamDeleted().setStreamIdentifier(streamIdentifier(stream ?? ''));
    return packed(code, details, 'StreamDeleted', deleted);
  }
  if (exception === 'maximum-append-size-exceeded') {
    const exceeded = new shared.MaximumAppendSizeExceeded().setMaxappendsize(
      Number(metadata.get('maximum-append-size')[0]),
    );
    return packed(code, details, 'MaximumAppendSizeExceeded', exceeded);
  }
  if (code === status.INVALID_ARGUMENT) {
    return packed(code, details, 'BadRequest', new shared.BadRequest().setMessage(details));
  }
  // The client shows the sentence only with a detail that it does not know, and so does the real server for internal errors.
  return packed(code, details, 'google.protobuf.Empty', new shared.Empty());
}

function packed(
  code: status,
  message: string,
  type: string,
  detail: { serializeBinary(): Uint8Array },
): rpcStatus.Status {
  const packedDetail = new any.Any();
  packedDetail.pack(detail.serializeBinary(), type.includes('.') ? type : `event_store.client.${type}`);
  // Both enumerations are the numbers of https://grpc.io/docs/guides/status-codes/.
  return new rpcStatus.Status()
    .setCode(code as number)
    .setMessage(message)
    .setDetails(packedDetail);
}
