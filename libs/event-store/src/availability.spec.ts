import { CancelledError, StreamNotFoundError, UnavailableError, UnknownError } from '@eventstore/db-client';
import type { ServiceError } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import { answerOf, isAway, Pauses } from './availability.js';
import { EventStoreUnavailable } from './errors.js';

const grpc = (code: status, details = ''): ServiceError =>
  Object.assign(new Error(details), { code, details, metadata: new Metadata() });

describe('a store that is away', () => {
  it.each([
    ['unavailable', new UnavailableError()],
    ['cancelled by the server', new CancelledError()],
    ['unavailable, as gRPC says it', grpc(status.UNAVAILABLE)],
    ['too late, as gRPC says it', grpc(status.DEADLINE_EXCEEDED)],
    ['a connection that broke off', new UnknownError(grpc(status.INTERNAL, 'Received RST_STREAM with code 2'))],
    ['already known to be away', new EventStoreUnavailable('x')],
  ])('is told by an error that is %s', async (_, error) => {
    expect(isAway(error)).toBe(true);
    await expect(answerOf(Promise.reject(error))).rejects.toThrow(EventStoreUnavailable);
  });

  it.each([
    ['of the caller', new RangeError('x')],
    ['about a stream', new StreamNotFoundError(undefined, 'letter-1')],
    ['of permission, as gRPC says it', grpc(status.PERMISSION_DENIED)],
  ])('is not told by an error %s, which stays what it is', async (_, error) => {
    expect(isAway(error)).toBe(false);
    await expect(answerOf(Promise.reject(error))).rejects.toBe(error);
  });

  it('is not told by an answer', async () => {
    expect(await answerOf(Promise.resolve(7))).toBe(7);
  });

  it('is not waited for once the wait is called off', async () => {
    const controller = new AbortController();
    const waited = new Pauses().wait(controller.signal);
    controller.abort();
    await expect(waited).resolves.toBeUndefined();
  });
});
