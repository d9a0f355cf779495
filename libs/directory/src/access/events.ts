import type { CatalogueEntry, Event, Instant } from '#libs/letter';

/** From where somebody came: an IP address. */
interface Origin {
  readonly address: string;
}
type At = { readonly at: Instant };

/**
 * What is worth remembering of an agency's log-ins and readings and that no aggregate has, stream `access-<agency id>-<month>`: nothing is
 * decided on it. By months, so that no stream grows for ever and the addresses of one go with its key.
 */
export type AccessEvent =
  | Event<'LoggedIn', { readonly userId: string; readonly factor: 'password' | 'totp' | 'recovery-code' } & At, Origin>
  | Event<'LogInFailed', { readonly userId: string; readonly reason: 'password' | 'code' | 'inactive' } & At, Origin>
  | Event<'LoggedOut', { readonly userId: string } & At, Origin>
  /** A document of a letter was handed out, or the proof of a third party's consent; `of` is the stream it belongs to. */
  | Event<'DocumentRead', { readonly of: string; readonly sha256: string } & At>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const accessCatalogue = {
  LoggedIn: { schema: 1, upcast: {} },
  LogInFailed: { schema: 1, upcast: {} },
  LoggedOut: { schema: 1, upcast: {} },
  DocumentRead: { schema: 1, upcast: {} },
} satisfies Record<AccessEvent['type'], CatalogueEntry>;
