import { MongoError, MongoNetworkError, MongoServerSelectionError } from 'mongodb';

/** What the driver lets through as Node.js gives it: the server went away between two commands on a socket. */
const BROKEN_SOCKET: readonly unknown[] = ['EPIPE', 'ECONNRESET'];

/** Whether an error means that MongoDB is away or elects a primary, so that the same work may succeed later. */
export function isMongoAway(error: unknown): boolean {
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  if (error instanceof MongoError) return error.hasErrorLabel('RetryableWriteError');
  return error instanceof Error && 'code' in error && BROKEN_SOCKET.includes(error.code);
}
