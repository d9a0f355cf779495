import { streams } from './protocol.js';
import { streamIdentifier } from './stream-name.js';

const encode = (response: streams.ReadResp): Buffer => Buffer.from(response.serializeBinary());

/** Events that may wait for a live subscriber before it is told that it fell behind: the real server's live buffer. */
export const LIVE_BUFFER_EVENTS = 32;

export const encodedFellBehind = encode(new streams.ReadResp().setFellBehind(new streams.ReadResp.FellBehind()));

export const encodedCaughtUp = encode(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));

export function encodeConfirmation(subscriptionId: string): Buffer {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return encode(new streams.ReadResp().setConfirmation(confirmation));
}

export function encodeCheckpoint(commit: number, prepare: number): Buffer {
  const checkpoint = new streams.ReadResp.Checkpoint();
  checkpoint.setCommitPosition(String(commit)).setPreparePosition(String(prepare));
  return encode(new streams.ReadResp().setCheckpoint(checkpoint));
}

export function encodeStreamNotFound(stream: string): Buffer {
  const notFound = new streams.ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
  return encode(new streams.ReadResp().setStreamNotFound(notFound));
}

/** True when ids are wanted as two numbers; the official Node client always asks for text. */
export function wantsStructuredIds(option: { hasStructured(): boolean; hasString(): boolean } | undefined): boolean {
  return option !== undefined && option.hasStructured() && !option.hasString();
}
