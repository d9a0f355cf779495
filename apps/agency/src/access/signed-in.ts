import {
  Catch,
  Injectable,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
} from '@nestjs/common';
import type { CookieOptions, Request, Response } from 'express';
import { AgencyAccess } from '#projections/agency-access';
import type { AskerLocals, SignedInUser } from './asker.js';
import { Sessions } from './sessions.js';

export const SESSION_COOKIE = 'pli_session';

/** Scripts never see the cookie; another site's forms do not carry it (RFC 6265bis §5.6.7). */
export const cookieOptions = (secure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: 'lax',
  secure,
  path: '/',
});

export function sessionToken(request: Request): string | undefined {
  const cookie = (request.cookies as Record<string, unknown> | undefined)?.[SESSION_COOKIE];
  return typeof cookie === 'string' ? cookie : undefined;
}

/** Nobody is logged in, or not any more. */
export class LogInNeeded extends Error {
  readonly code = 'LOG_IN_NEEDED';
  /** @param wanted the local address to go to after the log-in. */
  constructor(readonly wanted: string) {
    super('Connectez-vous pour continuer.');
  }
}

/**
 * Sends a browser that must log in to the log-in page, and from there on to where it wanted to go. A live page, which asks for itself again,
 * is told to do so as a whole.
 */
@Catch(LogInNeeded)
export class ToLogIn implements ExceptionFilter<LogInNeeded> {
  catch({ wanted }: LogInNeeded, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (request.get('hx-request') === undefined)
      response.redirect(303, `/connexion?vers=${encodeURIComponent(wanted)}`);
    else response.status(401).set('HX-Refresh', 'true').end();
  }
}

/** Opens the pages to who has logged in; API keys do not count here. */
@Injectable()
export class SignedIn implements CanActivate {
  constructor(
    private readonly sessions: Sessions,
    private readonly access: AgencyAccess,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response<unknown, AskerLocals>>();
    const user = await this.userOf(sessionToken(request));
    if (!user) throw new LogInNeeded(request.method === 'GET' ? request.originalUrl : '/lettres');
    response.locals.asker = user;
    return true;
  }

  private async userOf(token: string | undefined): Promise<SignedInUser | undefined> {
    const session = token === undefined ? undefined : await this.sessions.find(token);
    if (token === undefined || !session) return undefined;
    const [user, agency] = await Promise.all([
      this.access.userById(session.userId),
      this.access.agencyById(session.agencyId),
    ]);
    if (!user || !agency) return undefined;
    const { position, creditPosition, filingPosition, reminderPosition } = session;
    const may = { maySend: user.role !== 'reader', mayManage: user.role === 'manager' };
    return {
      agency,
      actor: `user:${user.userId}`,
      ...may,
      name: user.name,
      token,
      position,
      creditPosition,
      filingPosition,
      reminderPosition,
    };
  }
}
