import { Body, Controller, Get, HttpCode, Post, Redirect, Req, Res, UseGuards } from '@nestjs/common';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsUUID } from 'class-validator';
import type { Request, Response } from 'express';
import { readInput } from '#libs/web';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, mustBeAllowedToSend, type Asker, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { Archiving, MOST_AT_ONCE, type Tidied, type Tidying } from './archiving.js';
import { FILTERS } from './history-filters.js';
import { filteredAddress, readFilters } from '../lists/filters.js';

/** « Archiver / Activer » on the ticked rows of the history (manual II.2). */
@Controller('lettres')
@UseGuards(SignedIn)
export class ArchivingController {
  constructor(private readonly archiving: Archiving) {}

  @Post('archivage')
  archive(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.tidy(user, 'archive', request, response);
  }

  @Post('activation')
  reactivate(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    return this.tidy(user, 'reactivate', request, response);
  }

  /** Where a failure leaves the address bar. */
  @Get(['archivage', 'activation'])
  @Redirect('/lettres', 303)
  afterTidying(): void {}

  private async tidy(user: SignedInUser, action: Tidying, request: Request, response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const body = request.body as Record<string, unknown>;
    const tidied = await this.archiving.tidy(user, tickedOf(body['lettre']), action);
    const address = filteredAddress('/lettres', readFilters(FILTERS, body));
    response.redirect(303, `${address}${address.includes('?') ? '&' : '?'}fait=${resultText(action, tidied)}`);
  }
}

/** As many as the page shows; what a made-up form holds beyond is left. */
function tickedOf(field: unknown): string[] {
  const values = [field].flat().filter((value) => typeof value === 'string');
  return [...new Set(values)].slice(0, MOST_AT_ONCE);
}

/** What the page after it says: `archive-12-1`, twelve put away, one not found. */
function resultText(action: Tidying, tidied: readonly Tidied[]): string {
  const failed = tidied.filter(({ outcome }) => outcome === 'failed').length;
  return `${action}-${tidied.length - failed}-${failed}`;
}

/** The sentence of that result; undefined for a text that is none. */
export function resultOf(
  text: unknown,
): { readonly tone: '' | 'good' | 'warn'; readonly sentence: string } | undefined {
  const [, action, done = '', failed = ''] = /^(archive|reactivate)-(\d{1,3})-(\d{1,3})$/.exec(String(text)) ?? [];
  if (action === undefined) return undefined;
  if (done === '0' && failed === '0') return { tone: 'warn', sentence: 'Cochez d’abord au moins une lettre.' };
  const verb = action === 'archive' ? 'archivée' : 'réactivée';
  const sentences = [
    ...(Number(done) > 0 ? [`${lettersOf(done)} ${Number(done) > 1 ? `${verb}s` : verb}.`] : []),
    ...(Number(failed) > 0
      ? [`${lettersOf(failed)} ${Number(failed) > 1 ? 'n’existent pas' : 'n’existe pas'} : actualisez la liste.`]
      : []),
  ];
  return { tone: failed === '0' ? 'good' : 'warn', sentence: sentences.join(' ') };
}

const lettersOf = (count: string): string => `${count} lettre${Number(count) > 1 ? 's' : ''}`;

class TidyingInput {
  @IsArray({ message: 'ids est la liste des identifiants des lettres.' })
  @ArrayMinSize(1, { message: 'Donnez l’identifiant d’au moins une lettre.' })
  @ArrayMaxSize(MOST_AT_ONCE, { message: `Donnez ${MOST_AT_ONCE} identifiants au plus à la fois.` })
  @ArrayUnique({ message: 'Un identifiant est donné deux fois : retirez le doublon.' })
  @IsUUID('all', { each: true, message: 'Un identifiant n’est pas celui d’une lettre.' })
  ids: string[];
}

/** The same for programs. */
@Controller('api/letters')
@UseGuards(ApiKeyHolder)
export class ArchivingApi {
  constructor(private readonly archiving: Archiving) {}

  @Post('archive')
  @HttpCode(200)
  archive(@Asking() asker: Asker, @Body() body: unknown): Promise<object> {
    return this.tidy(asker, body, 'archive');
  }

  @Post('reactivate')
  @HttpCode(200)
  reactivate(@Asking() asker: Asker, @Body() body: unknown): Promise<object> {
    return this.tidy(asker, body, 'reactivate');
  }

  private async tidy(asker: Asker, body: unknown, action: Tidying): Promise<object> {
    mustBeAllowedToSend(asker);
    const { ids } = readInput(TidyingInput, body);
    return { letters: await this.archiving.tidy(asker, ids, action) };
  }
}
