import { Injectable } from '@nestjs/common';
import type { StoredEvent } from '#libs/event-store';
import { AgencyAccess } from '#projections/agency-access';

/** Who acted, as a history tells it. */
@Injectable()
export class People {
  constructor(private readonly access: AgencyAccess) {}

  /** Names by the actor's text as it is stored with each event; actors without one are absent. */
  async of(events: readonly Pick<StoredEvent, 'metadata'>[]): Promise<ReadonlyMap<string, string>> {
    const people = new Map<string, string>();
    for (const actor of new Set(events.map(({ metadata }) => metadata.actor))) {
      const [kind = '', id = ''] = actor.split(':');
      const user = kind === 'user' ? await this.access.userById(id) : undefined;
      const name = user?.name ?? { key: 'API', operator: 'l’exploitant' }[kind];
      if (name) people.set(actor, name);
    }
    return people;
  }
}
