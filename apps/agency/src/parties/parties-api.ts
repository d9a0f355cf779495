import { Controller, Get, Param, Post, Put, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { PartyOutcome } from '#libs/commands';
import { readInput } from '#libs/web';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, type Asker } from '../access/asker.js';
import { positionOf, positionText } from '../access/position-text.js';
import { jsonOf, jsonPartOf } from '../json-bodies.js';
import { Directory, mustBeAllowedToEdit } from './directory.js';
import { answerProof } from './party-controller.js';
import {
  ConsentInput,
  descriptionOf,
  DirectoryInput,
  mustBePartyCode,
  PartyInput,
  WithdrawalInput,
} from './party-input.js';
import { partyAnswer, partyRowAnswer } from './party-page.js';
import { proofOf, readProof } from './proof-upload.js';

/** Third parties for programs: README.md of this application is its reference. */
@Controller('api/third-parties')
@UseGuards(ApiKeyHolder)
export class PartiesApi {
  constructor(private readonly directory: Directory) {}

  @Get()
  async list(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const input = readInput(DirectoryInput, { ...query });
    const position = input.atLeast === undefined ? undefined : positionOf(input.atLeast);
    const { rows, next, upToDate } = await this.directory.list(asker, input, position);
    response.json({ thirdParties: rows.map(partyRowAnswer), next, upToDate });
  }

  @Get(':code')
  async show(@Asking() asker: Asker, @Param('code') code: string, @Res() response: Response): Promise<void> {
    response.json(partyAnswer(await this.directory.find(asker, code)));
  }

  @Put(':code')
  async save(
    @Asking() asker: Asker,
    @Param('code') text: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToEdit(asker);
    const code = mustBePartyCode(text);
    const input = readInput(PartyInput, jsonOf(request));
    const outcome = await this.directory.save(asker, descriptionOf(asker.agency.id, code, input));
    const isNew = outcome.events[0]?.event.type === 'PartyRegistered';
    if (isNew) response.location(`/api/third-parties/${encodeURIComponent(code)}`);
    await this.answer(asker, code, outcome, response.status(isNew ? 201 : 200));
  }

  @Post(':code/consent')
  async giveConsent(
    @Asking() asker: Asker,
    @Param('code') code: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToEdit(asker);
    const upload = await readProof(request, response, 'consent');
    const { givenOn, how } = readInput(ConsentInput, jsonPartOf(upload.texts, 'consent', 'CONSENT_PART_MISSING'));
    const outcome = await this.directory.giveConsent(asker, code, { givenOn, how, proof: proofOf(upload) });
    await this.answer(asker, code, outcome, response.status(200));
  }

  @Post(':code/consent/withdrawal')
  async withdrawConsent(
    @Asking() asker: Asker,
    @Param('code') code: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToEdit(asker);
    const input = readInput(WithdrawalInput, jsonOf(request));
    await this.answer(asker, code, await this.directory.withdrawConsent(asker, code, input), response.status(200));
  }

  @Get(':code/proofs/:sha256')
  async proof(
    @Asking() asker: Asker,
    @Param('code') code: string,
    @Param('sha256') sha256: string,
    @Res() response: Response,
  ): Promise<void> {
    answerProof(response, await this.directory.proof(asker, code, sha256));
  }

  /** The third party after the command, so that nobody has to ask for it. */
  private async answer(asker: Asker, code: string, { position }: PartyOutcome, response: Response): Promise<void> {
    if (position) response.setHeader('Pli-Position', positionText(position));
    response.json(partyAnswer(await this.directory.find(asker, code)));
  }
}
