import { Controller, Delete, Get, Headers, Param, Post, Put, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { v7 as newRequestId } from 'uuid';
import type { Position } from '#libs/event-store';
import { answerPdf, readInput } from '#libs/web';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, type Asker } from '../access/asker.js';
import { positionOf, positionText } from '../access/position-text.js';
import { mustBeIdempotencyKey } from '../letters/letters-api.js';
import { FiledListInput, PlaceInput, placeOf } from './filing-input.js';
import { documentAnswer, ownDocumentAnswer } from './filing-page.js';
import { mustBePdfs, readDocuments, readReplacement } from './filing-upload.js';
import { Filing, mustBeAllowedToFile } from './filing.js';
import { jsonPartOf } from '../json-bodies.js';

/** Filed documents for programs: README.md of this application is its reference. */
@Controller('api/documents')
@UseGuards(ApiKeyHolder)
export class FilingApi {
  constructor(private readonly filing: Filing) {}

  @Get()
  async list(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const input = readInput(FiledListInput, { ...query });
    const position = input.atLeast === undefined ? undefined : positionOf(input.atLeast);
    const { rows, next, upToDate } = await this.filing.list(asker, input, position);
    response.json({ documents: rows.map(documentAnswer), next, upToDate });
  }

  @Post()
  async file(
    @Asking() asker: Asker,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToFile(asker);
    if (key !== undefined) mustBeIdempotencyKey(key);
    const { texts, documents } = await readDocuments(request, response, {
      documentPart: 'document',
      textPart: 'filing',
    });
    const place = placeOf(readInput(PlaceInput, jsonPartOf(texts, 'filing', 'FILING_PART_MISSING')));
    await mustBePdfs(documents);
    const filed = await this.filing.fileAll(asker, key ?? newRequestId(), place, documents);
    const found = await Promise.all(filed.documentIds.map((id) => this.filing.find(asker, id)));
    showPosition(response, filed.position);
    response.status(201).json({ documents: found.map(ownDocumentAnswer) });
  }

  @Get(':id')
  async show(@Asking() asker: Asker, @Param('id') id: string, @Res() response: Response): Promise<void> {
    response.json(ownDocumentAnswer(await this.filing.find(asker, id)));
  }

  @Get(':id/file')
  async download(@Asking() asker: Asker, @Param('id') id: string, @Res() response: Response): Promise<void> {
    const { name, bytes } = await this.filing.file(asker, id);
    answerPdf(response, bytes, name, 'attachment');
  }

  @Put(':id/file')
  async replace(
    @Asking() asker: Asker,
    @Param('id') id: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToFile(asker);
    await this.filing.find(asker, id);
    const { documents } = await readReplacement(request, response);
    await mustBePdfs(documents);
    const [file] = documents;
    if (file) showPosition(response, (await this.filing.replace(asker, id, file)).position);
    response.json(ownDocumentAnswer(await this.filing.find(asker, id)));
  }

  @Delete(':id')
  async remove(@Asking() asker: Asker, @Param('id') id: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToFile(asker);
    showPosition(response, (await this.filing.remove(asker, id)).position);
    response.status(204).end();
  }
}

function showPosition(response: Response, position: Position | null): void {
  if (position) response.setHeader('Pli-Position', positionText(position));
}
