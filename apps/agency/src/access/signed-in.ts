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
import { Sessions, type Stage } from './sessions.js';

export const SESSION_COOKIE = 'pli_session';

/** Scripts never see the cookie; another site's forms do not carry it (RFC 6265bis §5.6.7). */
export const cookieOptions = (secure: boolean): CookieOptions => ({
  httpOnly: true,
  sameSite: 'lax',
  secure,
  path: '/',
});

function sessionToken(request: Request): string | undefined {
  const cookie = (request.cookies as Record<string, unknown> | undefined)?.[SESSION_COOKIE];
  return typeof cookie === 'string' ? cookie : undefined;
}

/** Nobody is logged in, not any more, or not quite yet. */
export class LogInNeeded extends Error {
  readonly code = 'LOG_IN_NEEDED';
  /** @param address the page that is to come first, with what was wanted in `vers`. */
  constructor(readonly address: string) {
    super('Connectez-vous pour continuer.');
  }
}

/** Where somebody goes whose log-in has not come to its end. */
const PAGES: Readonly<Record<Stage | 'none', string>> = {
  none: '/connexion',
  code: '/connexion/code',
  enrolment: '/compte/second-facteur',
  open: '/',
};

/**
 * Sends a browser that must log in to the log-in page, and from there on to where it wanted to go. A live page, which asks for itself again,
 * is told to do so as a whole.
 */
@Catch(LogInNeeded)
export class ToLogIn implements ExceptionFilter<LogInNeeded> {
  catch({ address }: LogInNeeded, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    if (request.get('hx-request') === undefined) response.redirect(303, address);
    else response.status(401).set('HX-Refresh', 'true').end();
  }
}

/** Reads the session's cookie: who is there, and how far his log-in has come. */
@Injectable()
export class Visitors {
  constructor(
    private readonly sessions: Sessions,
    private readonly access: AgencyAccess,
  ) {}

  /** Undefined for nobody, and for a session that a changed password or role or a deactivation has ended. */
  async find(request: Request): Promise<{ user: SignedInUser; stage: Stage } | undefined> {
    const token = sessionToken(request);
    const session = token === undefined ? undefined : await this.sessions.find(token);
    if (token === undefined || !session) return undefined;
    const [found, agency] = await Promise.all([
      this.access.userById(session.userId),
      this.access.agencyById(session.agencyId),
    ]);
    if (!found || !agency || found.epoch !== session.epoch) return undefined;
    const { userId, name, email, role } = found;
    const { userId: _userId, agencyId: _agencyId, epoch: _epoch, stage, ...positions } = session;
    const may = { maySend: role !== 'reader', mayManage: role === 'manager' };
    const user = { agency, actor: `user:${userId}`, ...may, userId, name, email, role };
    return { user: { ...user, token, ...positions }, stage };
  }
}

/** Opens the pages to who has logged in; API keys do not count here. */
@Injectable()
export class SignedIn implements CanActivate {
  protected readonly stages: readonly Stage[] = ['open'];

  constructor(private readonly visitors: Visitors) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response<unknown, AskerLocals>>();
    const visitor = await this.visitors.find(request);
    if (!visitor || !this.stages.includes(visitor.stage)) {
      const wanted = request.method === 'GET' ? request.originalUrl : '/lettres';
      throw new LogInNeeded(`${PAGES[visitor?.stage ?? 'none']}?vers=${encodeURIComponent(wanted)}`);
    }
    response.locals.asker = visitor.user;
    response.locals.stage = visitor.stage;
    return true;
  }
}

/** Opens the page of the second factor also to who has to set one up before he gets in. */
@Injectable()
export class SignedInOrEnrolling extends SignedIn {
  protected override readonly stages: readonly Stage[] = ['open', 'enrolment'];
}
