import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { apiKeyHash } from '#libs/commands';
import { Attempts, EdgeFailure, networkOf } from '#libs/web';
import { AgencyAccess } from '#projections/agency-access';
import type { Asker, AskerLocals } from './asker.js';
import { LIMITS } from './limits.js';

/** Opens the API to who presents an API key (RFC 6750 §2.1); a browser's session does not count here. */
@Injectable()
export class ApiKeyHolder implements CanActivate {
  constructor(
    private readonly access: AgencyAccess,
    private readonly attempts: Attempts,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const response = context.switchToHttp().getResponse<Response<unknown, AskerLocals>>();
    const [, key] = /^Bearer +(pli_[\w-]{43})$/i.exec(request.get('authorization') ?? '') ?? [];
    const asker = key === undefined ? undefined : await this.holderOf(key);
    if (!asker) {
      const network = networkOf(request);
      await this.attempts.mustBeLeft(LIMITS.apiKeys, network);
      await this.attempts.count(LIMITS.apiKeys, network);
      response.setHeader('WWW-Authenticate', 'Bearer realm="pli"');
      throw API_KEY_NEEDED();
    }
    response.locals.asker = asker;
    return true;
  }

  private async holderOf(key: string): Promise<Asker | undefined> {
    const found = await this.access.keyByHash(apiKeyHash(key));
    const agency = found && (await this.access.agencyById(found.agencyId));
    return agency && { agency, actor: `key:${found.keyId}`, maySend: true, mayManage: true };
  }
}

const API_KEY_NEEDED = () =>
  new EdgeFailure({
    status: 401,
    code: 'API_KEY_NEEDED',
    title: 'La clé d’API est absente ou n’est pas valable : envoyez l’en-tête « Authorization: Bearer pli_… ».',
  });
