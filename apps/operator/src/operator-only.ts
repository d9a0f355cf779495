import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { OperatorConfiguration } from '#libs/configuration';
import { Attempts, EdgeFailure, networkOf, type Limit } from '#libs/web';

const PASSWORDS: Limit = { name: 'operator', attempts: 10, within: 3_600, pause: 900 };

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Opens the pages to who knows the operator's password, by HTTP Basic (RFC 7617): there is one operator, the pages listen on loopback, and a
 * browser keeps the password no longer than it runs. Other sites' forms are refused before this.
 */
@Injectable()
export class OperatorOnly implements CanActivate {
  private readonly expected: Buffer;

  constructor(
    configuration: OperatorConfiguration,
    private readonly attempts: Attempts,
  ) {
    this.expected = digest(configuration.PLI_OPERATOR_PASSWORD);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const network = networkOf(request);
    await this.attempts.mustBeLeft(PASSWORDS, network);
    const [, sent] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(request.get('authorization') ?? '') ?? [];
    const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(sent ?? '', 'base64').toString('utf8')) ?? [];
    if (password !== undefined && timingSafeEqual(digest(password), this.expected)) return true;
    if (password !== undefined) await this.attempts.count(PASSWORDS, network);
    context
      .switchToHttp()
      .getResponse<Response>()
      .setHeader('WWW-Authenticate', 'Basic realm="Pli, exploitation", charset="UTF-8"');
    throw new EdgeFailure({
      status: 401,
      code: 'OPERATOR_ONLY',
      title: 'Ces pages sont réservées à l’exploitant : saisissez le mot de passe de PLI_OPERATOR_PASSWORD.',
    });
  }
}
