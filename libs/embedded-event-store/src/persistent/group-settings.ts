import { filterOf, type FilterDefinition } from '../event-filter.js';
import type { persistent } from '../protocol.js';
import { allPositionOf } from '../all-position.js';
import { parseUnsigned } from '../revisions.js';
import { groupFailed, invalidArgument } from '../rpc-errors.js';
import { streamNameOf } from '../stream-name.js';

/** The name under which groups on all events are kept, as the real server does. */
export const ALL_STREAM = '$all';

const STRATEGIES = ['DispatchToSingle', 'RoundRobin', 'Pinned'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** What a group was created or updated with; times in milliseconds. */
export interface GroupSettings {
  readonly resolveLinks: boolean;
  /** First event wanted: a revision of the stream or a position in `$all`. */
  readonly startFrom: 'start' | 'end' | number;
  readonly extraStatistics: boolean;
  /** How long a consumer may take for a message; 0 for as long as it likes. */
  readonly messageTimeout: number;
  readonly maxRetryCount: number;
  readonly checkpointAfter: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0 for any number. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  readonly historyBufferSize: number;
  readonly strategy: StrategyName;
  readonly filter: FilterDefinition | undefined;
}

/** Which group a request means. */
export interface GroupKey {
  readonly stream: string;
  readonly name: string;
}

export type CreateOptions = persistent.CreateReq.Options;
export type UpdateOptions = persistent.UpdateReq.Options;

/** @throws RpcError INVALID_ARGUMENT when the request names no stream or no group */
export function groupKeyOf(options: {
  getAll(): unknown;
  getStreamIdentifier(): Parameters<typeof streamNameOf>[0];
  getStream?(): { getStreamIdentifier(): Parameters<typeof streamNameOf>[0] } | undefined;
  getGroupName(): string;
}): GroupKey {
  const identifier = options.getStreamIdentifier() ?? options.getStream?.()?.getStreamIdentifier();
  const stream = options.getAll() === undefined ? streamNameOf(identifier) : ALL_STREAM;
  const name = options.getGroupName();
  if (stream === '' || name === '') throw invalidArgument('A persistent subscription needs a stream and a group name.');
  return { stream, name };
}

/**
 * Reads the settings out of a create or update request, given the end of `$all`. The filter can be set at creation only.
 *
 * @throws RpcError INTERNAL, which the client knows as a failed persistent subscription, when the group cannot be so
 */
export function groupSettingsOf(
  options: CreateOptions | UpdateOptions,
  endPosition: number,
  filter?: FilterDefinition,
): GroupSettings {
  const settings = options.getSettings();
  const reason = refusalOf(options, endPosition);
  if (reason !== undefined) throw groupFailed(groupKeyOf(options), reason);
  if (settings === undefined) throw invalidArgument('A persistent subscription needs settings.');
  return {
    resolveLinks: settings.getResolveLinks(),
    startFrom: startFromOf(options),
    extraStatistics: settings.getExtraStatistics(),
    messageTimeout: millisecondsOf(settings.getMessageTimeoutMs(), settings.getMessageTimeoutTicks()),
    maxRetryCount: settings.getMaxRetryCount(),
    checkpointAfter: millisecondsOf(settings.getCheckpointAfterMs(), settings.getCheckpointAfterTicks()),
    minCheckpointCount: settings.getMinCheckpointCount(),
    maxCheckpointCount: settings.getMaxCheckpointCount(),
    maxSubscriberCount: settings.getMaxSubscriberCount(),
    liveBufferSize: settings.getLiveBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    strategy: strategyOf(settings),
    filter,
  };
}

export function createdFilterOf(options: CreateOptions): FilterDefinition | undefined {
  const filter = options.getAll()?.getFilter();
  return filter && filterOf(filter);
}

function startFromOf(options: CreateOptions | UpdateOptions): GroupSettings['startFrom'] {
  const all = options.getAll();
  if (all !== undefined) return allPositionOf(all);
  const stream = options.getStream();
  if (stream?.hasStart() === true) return 'start';
  if (stream?.hasEnd() === true) return 'end';
  const text = stream?.hasRevision() === true ? stream.getRevision() : (options.getSettings()?.getRevision() ?? '0');
  if (BigInt(text) === 0n) return 'start';
  // Older requests have no other way to say "the end" than the largest number (the client still sends both).
  return BigInt(text) === 2n ** 64n - 1n ? 'end' : parseUnsigned(text);
}

/** Either field may be set; a tick is 100 ns. */
function millisecondsOf(milliseconds: number, ticks: string): number {
  return milliseconds === 0 ? Math.floor(Number(ticks) / 10_000) : milliseconds;
}

type StrategySetting = { getNamedConsumerStrategy(): number; getConsumerStrategy?(): string };

const wantedStrategy = (settings: StrategySetting): string | undefined =>
  settings.getConsumerStrategy?.() || STRATEGIES[settings.getNamedConsumerStrategy()];

function strategyOf(settings: StrategySetting): StrategyName {
  return STRATEGIES.find((strategy) => strategy === wantedStrategy(settings)) ?? 'RoundRobin';
}

/** Why a group cannot be as asked, in the real server's words; undefined when it can. */
function refusalOf(options: CreateOptions | UpdateOptions, endPosition: number): string | undefined {
  const all = options.getAll();
  if (all === undefined && groupKeyOf(options).stream === ALL_STREAM) {
    return 'Persistent subscriptions to $all are only supported over gRPC through gRPC clients';
  }
  const settings = options.getSettings();
  const strategy = settings && wantedStrategy(settings);
  if (settings !== undefined && !STRATEGIES.some((known) => known === strategy)) {
    return `Consumer strategy ${strategy} does not exist.`;
  }
  const position = all?.getPosition();
  if (all === undefined || position === undefined || allPositionOf(all) === 'end') return undefined;
  return refusalOfPosition(
    parseUnsigned(position.getCommitPosition()),
    parseUnsigned(position.getPreparePosition()),
    endPosition,
  );
}

function refusalOfPosition(commit: number, prepare: number, endPosition: number): string | undefined {
  if (prepare > commit) {
    return 'Invalid Start From position: prepare position must be less than or equal to the commit position.';
  }
  if (commit >= endPosition) {
    return 'Invalid Start From position: commit position must be less than or equal to the last commit position in the transaction file.';
  }
  return undefined;
}
