import { CliFailure } from './failure.js';
import type { Print } from './operator.js';
import { differencesBetween, isCopied, isTombstone, StoreContents } from './store-contents.js';
import { AppendRefused, WireConnection, type Appender, type WireEvent } from './store-wire.js';

/** Appends that are under way at the same time. */
const IN_FLIGHT = 64;
/** Neighbours of one stream share an append up to so many events and bytes; a server takes 1 MB at least. */
const EVENTS_PER_APPEND = 100;
const BYTES_PER_APPEND = 500_000;
/** Milliseconds between two lines of progress. */
const PROGRESS_EVERY = 2_000;
/** Streams named when many differ. */
const NAMED_AT_MOST = 20;

/**
 * Copies every stream of one store to another in the order of `$all`, then verifies each by count and digest. What the target already has
 * is not written again, so that a copy which was ended in the middle is gone on with by running it again.
 *
 * @throws CliFailure STORE_COPY
 */
export async function copyStore(from: string, to: string, print: Print): Promise<void> {
  if (from === to) throw new CliFailure('STORE_COPY', 'Source and target are the same store; name two.');
  const source = new Side('source', from);
  const target = new Side('target', to);
  try {
    const there = await contentsOf(target);
    if (there.size > 0) print(`target has ${there.size} streams already; what is missing is copied`);
    const read = await copy(source, target, there, print);
    await verify(target, read, print);
  } finally {
    await Promise.all([source.close(), target.close()]);
  }
}

/** One of the two stores, and how failures at it are told. */
class Side {
  private readonly connection: WireConnection;

  constructor(
    private readonly name: 'source' | 'target',
    url: string,
  ) {
    try {
      this.connection = new WireConnection(url);
    } catch {
      throw new CliFailure(
        'STORE_COPY',
        `The connection string of the ${name} cannot be read; write it like esdb://127.0.0.1:2113?tls=false.`,
      );
    }
  }

  async *readAll(): AsyncGenerator<WireEvent> {
    try {
      yield* this.connection.readAll();
    } catch (error) {
      throw this.failureOf(error);
    }
  }

  async appender(): Promise<Appender> {
    try {
      return await this.connection.appender();
    } catch (error) {
      throw this.failureOf(error);
    }
  }

  async tombstone(stream: string): Promise<void> {
    try {
      await this.connection.tombstone(stream);
    } catch (error) {
      throw this.failureOf(error);
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  failureOf(error: unknown): CliFailure {
    if (error instanceof CliFailure) return error;
    if (error instanceof AppendRefused && error.reason !== 'other') {
      const sentence =
        `Stream ${error.stream} of the target is not what this copy has written to it: somebody else writes to it, or it comes from ` +
        'another store; copy to an empty store.';
      return new CliFailure('STORE_COPY', sentence);
    }
    const [reason = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    const what = error instanceof AppendRefused ? `refused events of stream ${error.stream}` : 'does not answer';
    return new CliFailure(
      'STORE_COPY',
      `The ${this.name} ${what} (${reason}); mend that and run the same command again.`,
    );
  }
}

async function contentsOf(side: Side): Promise<StoreContents> {
  const contents = new StoreContents();
  for await (const event of side.readAll()) if (isCopied(event.stream)) contents.add(event);
  return contents;
}

/** @returns what the source holds */
async function copy(source: Side, target: Side, there: StoreContents, print: Print): Promise<StoreContents> {
  const read = new StoreContents();
  const writing = new Writing(target, await target.appender());
  const skipped = new Map<string, number>();
  const progress = new Progress(print);
  for await (const event of source.readAll()) {
    if (!isCopied(event.stream)) {
      const kind = kindOf(event.stream);
      skipped.set(kind, (skipped.get(kind) ?? 0) + 1);
      continue;
    }
    const expected = read.add(event);
    if (expected !== undefined) throw incomplete(event, expected);
    const known = there.of(event.stream);
    if (isTombstone(event) ? known.tombstoned : event.revision < known.count) continue;
    await writing.add(event);
    progress.tell(writing.events);
  }
  await writing.finish();
  print(`copied ${writing.events} events; the source has ${read.size} streams`);
  for (const [kind, events] of [...skipped].sort()) print(`not copied: ${events} events of ${kind}`);
  return read;
}

function incomplete({ stream, revision }: WireEvent, expected: number): CliFailure {
  return new CliFailure(
    'STORE_COPY',
    `Stream ${stream} goes on with revision ${revision} where ${expected} is expected: its older events were scavenged, and a copy ` +
      'would number it anew; move this store by its own backup.',
  );
}

/** Gathers neighbours of one stream into appends and keeps a limited number of these under way. */
class Writing {
  events = 0;
  private group: WireEvent[] = [];
  private bytes = 0;
  private readonly underWay = new Set<Promise<void>>();
  private failure: CliFailure | undefined;

  constructor(
    private readonly target: Side,
    private readonly appender: Appender,
  ) {}

  async add(event: WireEvent): Promise<void> {
    const isNeighbour = this.group[0]?.stream === event.stream && this.group.length < EVENTS_PER_APPEND;
    const bytes = event.data.length + event.metadata.length;
    if (!isNeighbour || this.bytes + bytes > BYTES_PER_APPEND || isTombstone(event)) await this.send();
    if (isTombstone(event)) {
      await this.settled();
      await this.target.tombstone(event.stream);
      this.events += 1;
      return;
    }
    this.group.push(event);
    this.bytes += bytes;
  }

  async finish(): Promise<void> {
    await this.send();
    await this.settled();
    this.appender.end();
  }

  private async send(): Promise<void> {
    const [first, ...others] = this.group;
    this.group = [];
    this.bytes = 0;
    if (first !== undefined) {
      const append: Promise<void> = this.appender
        .append([first, ...others])
        .then(() => void (this.events += 1 + others.length))
        .catch((error: unknown) => void (this.failure ??= this.target.failureOf(error)))
        .finally(() => this.underWay.delete(append));
      this.underWay.add(append);
    }
    if (this.underWay.size >= IN_FLIGHT) await Promise.race(this.underWay);
    if (this.failure !== undefined) throw this.failure;
  }

  private async settled(): Promise<void> {
    await Promise.all(this.underWay);
    if (this.failure !== undefined) throw this.failure;
  }
}

class Progress {
  private toldAt = performance.now();
  private readonly began = this.toldAt;

  constructor(private readonly print: Print) {}

  tell(events: number): void {
    const now = performance.now();
    if (now - this.toldAt < PROGRESS_EVERY) return;
    this.toldAt = now;
    this.print(`copied ${events} events so far (${Math.round((events / (now - this.began)) * 1_000)} events/s)`);
  }
}

async function verify(target: Side, read: StoreContents, print: Print): Promise<void> {
  const differences = differencesBetween(read, await contentsOf(target));
  if (differences.length === 0) {
    print(`verified ${read.size} streams: the same events with the same ids, types, data and metadata`);
    return;
  }
  for (const sentence of differences.slice(0, NAMED_AT_MOST)) print(sentence);
  throw new CliFailure(
    'STORE_COPY',
    `${differences.length} of ${read.size} streams are not the same in the target; copy to an empty store while nobody writes to either.`,
  );
}

/** What a stream that is not copied belongs to. */
function kindOf(stream: string): string {
  const name = stream.replace(/^\$\$/, '');
  if (/^\$persistent/i.test(name))
    return 'persistent subscriptions ($persistentsubscription-…): groups begin anew on the target';
  if (/^\$(ce|et|bc|category|streams?|by)\b/.test(name))
    return 'system projections ($ce-, $et-, …): the target makes its own';
  return 'the server itself ($settings, $users, $stats-, …): the target has its own';
}
