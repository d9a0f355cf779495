import type { EventLog } from '../event-log.js';
import { append, randomUuidBytes } from '../write.js';
import { ALL_STREAM, type GroupSettings } from './group-settings.js';
import type { StoredGroup } from './group-table.js';

const STREAM = '$persistentSubscriptionConfig';

/**
 * Tells readers of `$all` that groups were made, changed or deleted, as the real server does: by an event that holds all of them.
 * What counts is the table. Runs inside a transaction of the commit queue.
 */
export function writeConfigurationEvent(log: EventLog, groups: readonly StoredGroup[], changedBy: string): void {
  const configuration = {
    version: '2',
    updated: new Date().toISOString(),
    updatedBy: changedBy,
    entries: groups.map(entryOf),
  };
  const data = Buffer.from(JSON.stringify(configuration));
  const event = { id: randomUuidBytes(), type: '$PersistentConfig', json: true, data, metadata: new Uint8Array(0) };
  append(log, STREAM, 'any', [event]);
}

function entryOf({ stream, name, settings }: StoredGroup) {
  return {
    stream,
    group: name,
    filter: settings.filter,
    resolveLinkTos: settings.resolveLinks,
    extraStatistics: settings.extraStatistics,
    messageTimeout: settings.messageTimeout,
    startPosition: startText(stream, settings.startFrom),
    liveBufferSize: settings.liveBufferSize,
    historyBufferSize: settings.historyBufferSize,
    maxRetryCount: settings.maxRetryCount,
    readBatchSize: settings.readBatchSize,
    checkPointAfter: settings.checkpointAfter,
    minCheckPointCount: settings.minCheckpointCount,
    maxCheckPointCount: settings.maxCheckpointCount,
    maxSubscriberCount: settings.maxSubscriberCount,
    namedConsumerStrategy: settings.strategy,
  };
}

/** As the real server writes it: "0", "-1" or the number; for `$all` with both positions. */
export function startText(stream: string, startFrom: GroupSettings['startFrom']): string {
  const place = startFrom === 'start' ? 0 : startFrom === 'end' ? -1 : startFrom;
  return stream === ALL_STREAM ? `C:${place}/P:${place}` : String(place);
}
