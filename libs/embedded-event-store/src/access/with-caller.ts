import type { Metadata, sendUnaryData, UntypedHandleCall } from '@grpc/grpc-js';
import { storageFailure, wrongCredentials, type RpcError } from '../rpc-errors.js';
import type { Authenticator } from './authenticator.js';
import type { Caller } from './caller.js';

interface AnyCall {
  readonly metadata: Metadata;
  emit(event: 'error', error: RpcError): boolean;
}

/** Makes a handler of gRPC out of one that wants to know who calls; who gives wrong credentials does not get to it. */
export function withCaller<Call extends AnyCall, Response>(
  authenticator: Authenticator,
  handle: (caller: Caller, call: Call, callback: sendUnaryData<Response>) => void,
): UntypedHandleCall {
  const handler = (call: Call, callback: sendUnaryData<Response>): void => {
    const refuse = (error: RpcError) => {
      // Calls with one answer have a callback, those with many do not.
      if (typeof callback === 'function') callback(error);
      else call.emit('error', error);
    };
    const authorization = call.metadata.get('authorization')[0]?.toString();
    const caller = authenticator.callerOf(authorization);
    if (!(caller instanceof Promise)) return handle(caller, call, callback);
    caller.then(
      (found) => (found === undefined ? refuse(wrongCredentials()) : handle(found, call, callback)),
      (error: unknown) => refuse(storageFailure(error)),
    );
  };
  // Which of gRPC's four kinds of calls this is, is known where it is added to a service.
  return handler as unknown as UntypedHandleCall;
}
