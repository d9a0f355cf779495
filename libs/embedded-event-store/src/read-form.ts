import { encodeReadEvent, type UuidForm } from './encode-event.js';
import { resolveLink } from './links.js';
import type { StoredEvent } from './stored-event.js';
import type { Store } from './store.js';

/** How the events of one call are to be sent. */
export interface ReadForm {
  readonly resolveLinks: boolean;
  readonly uuidForm: UuidForm;
}

/** An event as this reader wants it: links followed or not, ids in its form. */
export function encodeForReader(store: Store, event: StoredEvent, { resolveLinks, uuidForm }: ReadForm): Buffer {
  const resolved = resolveLinks ? resolveLink(store.log, event) : { event, link: undefined };
  return encodeReadEvent(resolved, uuidForm);
}
