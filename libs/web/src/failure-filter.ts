import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Pages } from './pages.js';
import { EdgeFailure, notFound, problemBody, type Problem } from './problem.js';

const UNEXPECTED: Problem = {
  status: 500,
  code: 'UNEXPECTED',
  title: 'Le service a rencontré une erreur : réessayez dans un instant.',
};

/** What a program waits before it tries again (RFC 9110 §10.2.3); the stores are usually back by then. */
const RETRY_AFTER_SECONDS = 5;

/** The one place where a failure becomes an answer: a page for people, problem+json for programs (paths under /api). */
@Catch()
export class FailureFilter implements ExceptionFilter {
  private readonly logger = new Logger('Failure');

  /** @param recognise turns the application's own errors into problems; undefined for one that it does not know. */
  constructor(
    private readonly pages: Pages,
    private readonly recognise: (error: unknown) => Problem | undefined,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const request = host.switchToHttp().getRequest<Request>();
    const problem = this.problemOf(error);
    // The stack and nothing of the request: addresses and bodies may hold a link token, a code or a password.
    if (problem.status >= 500) this.logger.error(error instanceof Error ? error.stack : String(error));
    if (response.headersSent) {
      response.end();
      return;
    }
    response.status(problem.status);
    const retryAfter = problem.retryAfter ?? (problem.status === 503 ? RETRY_AFTER_SECONDS : undefined);
    if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
    if (request.path.startsWith('/api/'))
      response.type('application/problem+json').send(JSON.stringify(problemBody(problem)));
    else response.type('html').send(this.page(problem));
  }

  private page(problem: Problem): string {
    const { status, title: sentence } = problem;
    return this.pages.render('failure', { ...problem, title: titleOf(status), sentence, mayPass: status >= 500 });
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof EdgeFailure) return error.problem;
    const known = this.recognise(error);
    if (known) return known;
    if (error instanceof HttpException) return problemOfHttp(error);
    const status = bodyParserStatus(error);
    return status
      ? { status, code: 'BAD_REQUEST', title: 'La demande est illisible : vérifiez sa forme et sa taille.' }
      : UNEXPECTED;
  }
}

/** The title of the failure's page. */
function titleOf(status: number): string {
  if (status === 404) return 'Page introuvable';
  if (status === 429) return 'Trop d’essais';
  return status >= 500 ? 'Service indisponible' : 'Demande refusée';
}

function problemOfHttp(error: HttpException): Problem {
  const status = error.getStatus();
  if (status === 404) return notFound().problem;
  if (status >= 500) return UNEXPECTED;
  if (status === 413)
    return { status, code: 'TOO_LARGE', title: 'Le fichier est trop gros : 25 Mo au plus par document.' };
  return { status, code: 'BAD_REQUEST', title: 'La demande est mal formée : vérifiez son contenu, puis recommencez.' };
}

/** Express's body parser throws plain errors that carry the status of the client's fault. */
function bodyParserStatus(error: unknown): number | undefined {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
