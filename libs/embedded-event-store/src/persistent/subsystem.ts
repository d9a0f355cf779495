import {
  groupDoesNotExist,
  groupExists,
  serverClosing,
  storageFailure,
  subscriptionDropped,
  type RpcError,
} from '../rpc-errors.js';
import type { Store } from '../store.js';
import { writeConfigurationEvent } from './configuration-event.js';
import { Group } from './group.js';
import type { GroupKey, GroupSettings } from './group-settings.js';
import { GroupTable, type StoredGroup } from './group-table.js';
import { messageSource } from './message-source.js';
import { forgetParked } from './parked-messages.js';

/** How often time-outs and time-based checkpoints are looked at. */
const TICK_MS = 200;

/** All groups of persistent subscriptions of a store. */
export class PersistentSubscriptions {
  private readonly groups = new Map<string, Group>();
  private readonly table: GroupTable;
  private readonly timer: NodeJS.Timeout;
  private readonly stopListening: () => void;

  constructor(private readonly store: Store) {
    this.table = new GroupTable(store.database);
    this.load();
    this.stopListening = store.onCommitted(() => {
      for (const group of this.groups.values()) group.pump();
    });
    this.timer = setInterval(() => {
      const now = Date.now();
      for (const group of this.groups.values()) group.tick(now);
    }, TICK_MS);
    this.timer.unref();
  }

  /** @throws RpcError NOT_FOUND */
  find(key: GroupKey): Group {
    const group = this.groups.get(textOf(key));
    if (group === undefined) throw groupDoesNotExist(key);
    return group;
  }

  /** All groups, or those on one stream. @throws RpcError NOT_FOUND when that stream has none */
  list(stream?: string): Group[] {
    const found = [...this.groups.values()].filter(({ stored }) => stream === undefined || stored.stream === stream);
    if (stream !== undefined && found.length === 0) throw groupDoesNotExist({ stream, name: '' });
    return found;
  }

  /** @throws RpcError ALREADY_EXISTS, or INVALID_ARGUMENT for a malformed filter */
  async create(key: GroupKey, settings: GroupSettings, by: string): Promise<void> {
    if (this.groups.has(textOf(key))) throw groupExists(key);
    const source = messageSource(this.store, key, settings);
    const created = await this.save(key, by, () => ({
      ...key,
      settings,
      resumeFrom: source.placeOf(settings.startFrom),
      checkpointed: false,
    }));
    if (!created) throw groupExists(key);
  }

  /** Replaces the settings; its subscribers are dropped and have to come back. @throws RpcError NOT_FOUND */
  async update(key: GroupKey, settingsFor: (current: GroupSettings) => GroupSettings, by: string): Promise<void> {
    const current = this.find(key);
    const settings = settingsFor(current.stored.settings);
    const source = messageSource(this.store, key, settings);
    const { hasProgressed } = current;
    const resumeFrom = hasProgressed ? current.resumeFrom : source.placeOf(settings.startFrom);
    current.drop(subscriptionDropped(key));
    this.groups.delete(textOf(key));
    await this.save(key, by, () => ({ ...key, settings, resumeFrom, checkpointed: hasProgressed }));
  }

  /** @throws RpcError NOT_FOUND */
  async delete(key: GroupKey, by: string): Promise<void> {
    const group = this.find(key);
    group.drop(subscriptionDropped(key));
    this.groups.delete(textOf(key));
    try {
      await this.store.commits.run(() => {
        this.table.delete(key);
        forgetParked(this.store.log, key);
        writeConfigurationEvent(this.store.log, this.table.readAll(), by);
      });
    } catch (error) {
      this.load();
      throw storageFailure(error);
    }
  }

  /** Drops all subscribers and begins again from what is stored. */
  async restart(): Promise<void> {
    this.saveCheckpoints();
    // The checkpoints must be stored before the groups are read again.
    await this.store.commits.run(() => undefined);
    for (const [text, group] of [...this.groups]) {
      group.drop(subscriptionDropped(group.stored));
      this.groups.delete(text);
    }
    this.load();
  }

  /** Saves how far every group is and ends all subscriptions. Call before the commit queue is closed. */
  close(): void {
    clearInterval(this.timer);
    this.stopListening();
    this.saveCheckpoints();
    this.dropAll(serverClosing());
  }

  private dropAll(error: RpcError): void {
    for (const group of this.groups.values()) group.drop(error);
  }

  private saveCheckpoints(): void {
    for (const group of this.groups.values()) group.saveCheckpoint();
  }

  /** Stores a group and puts it to work; false when one of that name was stored meanwhile. */
  private async save(key: GroupKey, by: string, stored: () => StoredGroup): Promise<boolean> {
    try {
      return await this.store.commits.run(() => {
        if (this.groups.has(textOf(key))) return false;
        const group = stored();
        this.table.save(group);
        writeConfigurationEvent(this.store.log, this.table.readAll(), by);
        this.groups.set(textOf(key), new Group(this.store, this.table, group));
        return true;
      });
    } catch (error) {
      this.groups.delete(textOf(key));
      this.load();
      throw storageFailure(error);
    }
  }

  /** Puts the stored groups to work that are not working yet. */
  private load(): void {
    for (const stored of this.table.readAll()) {
      if (!this.groups.has(textOf(stored))) this.groups.set(textOf(stored), new Group(this.store, this.table, stored));
    }
  }
}

const textOf = ({ stream, name }: GroupKey): string => `${stream}::${name}`;
