import { randomUUID } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Clock } from '#libs/configuration';
import { accessLog, type AccessEvent } from '#libs/directory';
import { EventStore, type Position } from '#libs/event-store';

type Timeless = AccessEvent extends infer Each
  ? Each extends AccessEvent
    ? Omit<Each, 'data'> & { readonly data: Omit<Each['data'], 'at'> }
    : never
  : never;

/** Writes down who came in, failed to, or read a document. */
export class RecordAccess extends Command<Position | null> {
  constructor(
    readonly agencyId: string,
    readonly event: Timeless,
    /** `user:<id>` or `key:<id>`; `anonymous` for who failed to prove who he is. */
    readonly actor: string,
  ) {
    super();
  }
}

@CommandHandler(RecordAccess)
export class RecordAccessHandler implements ICommandHandler<RecordAccess> {
  constructor(
    private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  async execute({ agencyId, event, actor }: RecordAccess): Promise<Position | null> {
    const at = this.clock.now();
    const commandId = randomUUID();
    const context = { commandId, correlationId: commandId, causationId: commandId, actor };
    const report = { ...event, data: { ...event.data, at } } as AccessEvent;
    const stream = `access-${agencyId}-${at.slice(0, 'yyyy-mm'.length)}`;
    return (await this.store.execute(accessLog, stream, report, context)).position;
  }
}
