import { Controller, Delete, Get, HttpCode, Param, Post, Put, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { Position } from '#libs/event-store';
import { describeKind, type TemplateKind } from '#libs/templates';
import { InvalidInput, readInput } from '#libs/web';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, type Asker } from '../access/asker.js';
import { positionOf, positionText } from '../access/position-text.js';
import { jsonOf } from '../json-bodies.js';
import { Settings } from '../settings.js';
import { hasSubject, kindOf, mustBeAllowedToWrite, OwnTemplates } from './own-templates.js';
import { previewAnswer } from './preview.js';
import { TemplateListInput, TemplateTextInput } from './template-input.js';
import { templateAnswer } from './template-page.js';

/** Templates for programs: README.md of this application is its reference. */
@Controller('api/templates')
@UseGuards(ApiKeyHolder)
export class TemplatesApi {
  constructor(
    private readonly templates: OwnTemplates,
    private readonly settings: Settings,
  ) {}

  @Get()
  async list(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const { atLeast } = readInput(TemplateListInput, { ...query });
    const position = atLeast === undefined ? undefined : positionOf(atLeast);
    const { kinds, upToDate } = await this.templates.list(asker, position);
    const answered = kinds.map(({ kind, templates }) => ({
      ...kindAnswer(kind),
      templates: templates.map(templateAnswer),
    }));
    response.json({ kinds: answered, upToDate });
  }

  @Post(':kind/preview')
  @HttpCode(200)
  preview(
    @Asking() asker: Asker,
    @Param('kind') kind: string,
    @Req() request: Request,
    @Res() response: Response,
  ): void {
    const known = kindOf(kind);
    response.json(previewAnswer(asker, known, textOf(known, request), this.settings.qualification));
  }

  @Get(':kind/:name')
  async show(
    @Asking() asker: Asker,
    @Param('kind') kind: string,
    @Param('name') name: string,
    @Res() response: Response,
  ): Promise<void> {
    response.json(templateAnswer(await this.templates.find(asker, kind, name)));
  }

  @Put(':kind/:name')
  async save(
    @Asking() asker: Asker,
    @Param('kind') kind: string,
    @Param('name') name: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(asker);
    const known = kindOf(kind);
    const { subject, body } = textOf(known, request);
    showPosition(response, await this.templates.save(asker, { kind: known, name, subject, body }));
    response.json(templateAnswer(await this.templates.find(asker, kind, name)));
  }

  /** An own one is removed, a built-in one has its own text again. */
  @Delete(':kind/:name')
  async remove(
    @Asking() asker: Asker,
    @Param('kind') kind: string,
    @Param('name') name: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(asker);
    const { isBuiltIn } = await this.templates.find(asker, kind, name);
    showPosition(response, await this.templates[isBuiltIn ? 'reset' : 'remove'](asker, kind, name));
    response.status(204).end();
  }

  @Post(':kind/:name/default')
  @HttpCode(200)
  async chooseDefault(
    @Asking() asker: Asker,
    @Param('kind') kind: string,
    @Param('name') name: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(asker);
    showPosition(response, await this.templates.chooseDefault(asker, kind, name));
    response.json(templateAnswer(await this.templates.find(asker, kind, name)));
  }

  /** A program has no mailbox: the trial goes to the agency's. */
  @Post(':kind/:name/trial')
  async tryOut(
    @Asking() asker: Asker,
    @Param('kind') kind: string,
    @Param('name') name: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToWrite(asker);
    await this.templates.tryOut(asker, kind, name, asker.agency.email);
    response.status(202).json({ to: asker.agency.email });
  }
}

function textOf(kind: TemplateKind, request: Request): TemplateTextInput {
  const input = readInput(TemplateTextInput, jsonOf(request));
  if (hasSubject(kind) || input.subject === undefined) return input;
  throw new InvalidInput([{ field: 'subject', message: 'Un SMS n’a pas d’objet : retirez ce champ.' }]);
}

function kindAnswer(kind: TemplateKind): Record<string, unknown> {
  const { label, purpose, medium, fields } = describeKind(kind);
  return { kind, label, purpose, medium, fields };
}

function showPosition(response: Response, position: Position | null): void {
  if (position) response.setHeader('Pli-Position', positionText(position));
}
