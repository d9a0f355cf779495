import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Response } from 'express';
import { EdgeFailure, Pages } from '#libs/web';

/** The recipient's link leads nowhere; its page says what to do, which the page of other failures does not. */
export class LinkFailure extends EdgeFailure {}

/** One answer for a link that is unknown, altered or replaced and for a browser without session: it tells nobody which letters exist. */
export const linkNotValid = (): LinkFailure =>
  new LinkFailure({
    status: 404,
    code: 'LINK_NOT_VALID',
    title: 'Ce lien n’est pas valable, ou ne l’est plus.',
  });

/** Too many wrong links from this address: see `limits.ts`. @param seconds until the next one is looked at. */
export const tooManyLinks = (seconds: number): LinkFailure =>
  new LinkFailure({
    status: 429,
    code: 'TOO_MANY_LINKS',
    title: `Trop de liens erronés ont été essayés : réessayez dans ${Math.ceil(seconds / 60)} minutes.`,
    retryAfter: seconds,
  });

@Catch(LinkFailure)
export class LinkFailureFilter implements ExceptionFilter {
  constructor(private readonly pages: Pages) {}

  catch({ problem }: LinkFailure, host: ArgumentsHost): void {
    const page = this.pages.render('lien', { title: 'Lien non valable', narrow: true, sentence: problem.title });
    const response = host.switchToHttp().getResponse<Response>();
    if (problem.retryAfter !== undefined) response.setHeader('Retry-After', String(problem.retryAfter));
    response.status(problem.status).type('html').send(page);
  }
}
