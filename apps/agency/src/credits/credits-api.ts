import { Body, Controller, Get, Post, Query, Res, UseGuards } from '@nestjs/common';
import { IsInt, IsOptional, IsString, MaxLength, Min } from 'class-validator';
import type { Response } from 'express';
import { readInput } from '#libs/web';
import type { Movement } from '#projections/credit-balance';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, mustBeAllowedToManage, type Asker } from '../access/asker.js';
import { positionOf, positionText } from '../access/position-text.js';
import { Credits } from './credits.js';
import { AsNumber, IsPageSize, IsPosition } from '../lists/list-input.js';

const BEFORE = 'La suite d’une liste est son « next ».';

class CreditsInput {
  @IsPageSize('de mouvements')
  limit = 50;

  @IsOptional()
  @AsNumber()
  @IsInt({ message: BEFORE })
  @Min(1, { message: BEFORE })
  before?: number;

  @IsPosition()
  atLeast?: string;
}

class KeyInput {
  @IsString({ message: 'Indiquez la clé, en un seul texte.' })
  @MaxLength(1_000, { message: 'Une clé compte 152 lettres et chiffres : copiez-la seule.' })
  key: string;
}

/** Signatures for programs: README.md of this application is its reference. */
@Controller('api')
@UseGuards(ApiKeyHolder)
export class CreditsApi {
  constructor(private readonly credits: Credits) {}

  @Get('credits')
  async show(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const { limit, before, atLeast } = readInput(CreditsInput, { ...query });
    const position = atLeast === undefined ? undefined : positionOf(atLeast);
    const { movements, next, upToDate } = await this.credits.movements(asker, limit, before, position);
    const { active, remaining, reserved, consumed } = await this.credits.balance(asker, undefined);
    response.json({
      active,
      remaining,
      reserved,
      consumed,
      movements: movements.map(movementAnswer),
      next,
      upToDate,
    });
  }

  @Post('keys')
  async enter(@Asking() asker: Asker, @Body() body: unknown, @Res() response: Response): Promise<void> {
    mustBeAllowedToManage(asker);
    const { key, totals, position } = await this.credits.enter(asker, readInput(KeyInput, body).key);
    if (position) response.setHeader('Pli-Position', positionText(position));
    const { serial, kind, signatures } = key;
    const { remaining, reserved, consumed } = totals;
    response.status(201).json({ serial, kind, signatures, remaining, reserved, consumed });
  }
}

function movementAnswer({ letter, ...movement }: Movement): object {
  return {
    ...movement,
    letter: letter && { ...letter, links: { self: `/api/letters/${letter.id}`, page: `/lettres/${letter.id}` } },
  };
}
