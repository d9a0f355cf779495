import { persistent } from '../protocol.js';
import type { EventLog } from '../event-log.js';
import type { Consumer } from './consumer.js';
import type { Group } from './group.js';
import { startText } from './configuration-event.js';
import { countParked } from './parked-messages.js';

/** A group's settings and figures as `GetInfo` and `List` answer them. */
export function groupInfo(log: EventLog, group: Group): persistent.SubscriptionInfo {
  const info = new persistent.SubscriptionInfo();
  setSettings(info, group);
  setFigures(info, group);
  info.setParkedMessageCount(String(countParked(log, group.stored)));
  return info.setConnectionsList([...group.consumers].map(connectionInfo));
}

function setSettings(info: persistent.SubscriptionInfo, { stored }: Group): void {
  const { settings } = stored;
  info.setEventSource(stored.stream).setGroupName(stored.name);
  info.setResolveLinkTos(settings.resolveLinks).setExtraStatistics(settings.extraStatistics);
  info.setStartFrom(startText(stored.stream, settings.startFrom));
  info.setMessageTimeoutMilliseconds(settings.messageTimeout).setMaxRetryCount(settings.maxRetryCount);
  info.setLiveBufferSize(settings.liveBufferSize).setBufferSize(settings.historyBufferSize);
  info.setReadBatchSize(settings.readBatchSize).setCheckPointAfterMilliseconds(settings.checkpointAfter);
  info.setMinCheckPointCount(settings.minCheckpointCount).setMaxCheckPointCount(settings.maxCheckpointCount);
  info.setNamedConsumerStrategy(settings.strategy).setMaxSubscriberCount(settings.maxSubscriberCount);
}

function setFigures(info: persistent.SubscriptionInfo, group: Group): void {
  const { source, queue, lastCheckpoint } = group;
  const lastKnown = source.lastKnown();
  const lastDone = lastCheckpoint === undefined ? -1 : source.lastBefore(lastCheckpoint);
  info.setStatus(group.isLive ? 'Live' : 'Behind');
  info.setAveragePerSecond(group.averagePerSecond).setTotalItems(String(group.deliveredCount));
  info.setCountSinceLastMeasurement(String(group.deliveredCount));
  info.setLastKnownEventPosition(lastKnown < 0 ? '' : source.describe(lastKnown));
  info.setLastCheckpointedEventPosition(lastDone < 0 ? '' : source.describe(lastDone));
  info.setReadBufferCount(queue.freshCount).setLiveBufferCount('0').setRetryBufferCount(queue.retryCount);
  info.setTotalInFlightMessages(group.outstandingCount).setOutstandingMessagesCount(group.outstandingCount);
}

function connectionInfo(consumer: Consumer): persistent.SubscriptionInfo.ConnectionInfo {
  const measurements = consumer.latencies?.measurements() ?? [];
  return new persistent.SubscriptionInfo.ConnectionInfo()
    .setFrom(consumer.description.from)
    .setUsername(consumer.description.userName)
    .setConnectionName(consumer.description.connectionName)
    .setAverageItemsPerSecond(consumer.averagePerSecond)
    .setTotalItems(String(consumer.totalItems))
    .setCountSinceLastMeasurement(String(consumer.totalItems))
    .setAvailableSlots(consumer.availableSlots)
    .setInFlightMessages(consumer.inFlightCount)
    .setObservedMeasurementsList(
      measurements.map(([key, value]) =>
        new persistent.SubscriptionInfo.Measurement().setKey(key).setValue(String(value)),
      ),
    );
}
