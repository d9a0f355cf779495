import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Response } from 'express';
import type { Position } from '#libs/event-store';
import type { UserRole } from '#libs/directory';
import { EdgeFailure } from '#libs/web';
import type { Stage } from './sessions.js';

/** Who asks, whichever door he came through: everything a request reads or writes is his agency's. */
export interface Asker {
  readonly agency: { readonly id: string; readonly code: string; readonly name: string; readonly email: string };
  /** `user:<id>` or `key:<id>`, as it is stored with each event that he causes. */
  readonly actor: string;
  /** A reader only looks. */
  readonly maySend: boolean;
  /** Enters keys, and settles who may do what: a manager, or a program of the agency. */
  readonly mayManage: boolean;
}

/** Somebody who has logged in with a browser. */
export interface SignedInUser extends Asker {
  readonly userId: string;
  readonly name: string;
  readonly email: string;
  readonly role: UserRole;
  readonly token: string;
  /** His lists must be at least this new; null before his first command. */
  readonly position: Position | null;
  /** The same for the balance. */
  readonly creditPosition: Position | null;
  /** The same for the filed documents. */
  readonly filingPosition: Position | null;
  /** The same for the reminder lists. */
  readonly reminderPosition: Position | null;
  /** The same for the campaigns. */
  readonly campaignPosition: Position | null;
  /** The same for the templates. */
  readonly templatePosition: Position | null;
}

/** Where the guards leave the asker. */
export type AskerLocals = { asker?: Asker; stage?: Stage };

/** A route without a guard asks for its asker: a mistake in the code, not of the reader. */
class RouteUnguarded extends Error {
  readonly code = 'ROUTE_UNGUARDED';
  constructor() {
    super('This route has no guard that knows who asks: add SignedIn or ApiKeyHolder to its controller.');
  }
}

/** The asker that the guard of the controller found. */
export const Asking = createParamDecorator((_data: unknown, context: ExecutionContext): Asker => {
  const { asker } = context.switchToHttp().getResponse<Response<unknown, AskerLocals>>().locals;
  if (!asker) throw new RouteUnguarded();
  return asker;
});

/** @throws EdgeFailure 403 for a reader. */
export function mustBeAllowedToSend({ maySend }: Asker): void {
  if (maySend) return;
  throw new EdgeFailure({
    status: 403,
    code: 'READ_ONLY',
    title:
      'Votre compte permet seulement la consultation : demandez à un gestionnaire de votre agence d’envoyer la lettre.',
  });
}

/** @throws EdgeFailure 403 for anybody but a manager. */
export function mustBeAllowedToManage({ mayManage }: Asker): void {
  if (mayManage) return;
  throw new EdgeFailure({
    status: 403,
    code: 'MANAGERS_ONLY',
    title: 'Cette page est réservée aux gestionnaires : adressez-vous à un gestionnaire de votre agence.',
  });
}
