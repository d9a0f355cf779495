import { Controller, Get, Param, Post, Put, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { v4 as newRequestId } from 'uuid';
import type { LineToReceive, ReminderOutcome } from '#libs/commands';
import { answerPdf, EdgeFailure, InvalidInput, readInput, type FieldFault } from '#libs/web';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, mustBeAllowedToSend, type Asker } from '../access/asker.js';
import { positionOf, positionText } from '../access/position-text.js';
import { jsonOf, jsonPartOf } from '../json-bodies.js';
import { documentFaults } from '../letters/document-faults.js';
import { readUpload, type Upload, type UploadLimits } from '../letters/uploads.js';
import { ReceivedLines } from './received-lines.js';
import { lineAnswer, lineResource, rowAnswer } from './reminder-answers.js';
import { LinesInput, ListInput, readLine } from './reminder-input.js';
import { ReminderLists } from './reminder-lists.js';

const LIMITS: UploadLimits = {
  documents: 1,
  documentBytes: 25 * 1024 * 1024,
  textBytes: 64 * 1024,
  tooLarge: 'Ce document dépasse 25 Mo : réduisez-le, puis joignez-le de nouveau.',
  tooMany: 'Une ligne porte un seul document : réunissez-en plusieurs en un seul PDF.',
};

/** Reminder lines for programs: README.md of this application is its reference. */
@Controller('api/reminders')
@UseGuards(ApiKeyHolder)
export class RemindersApi {
  constructor(
    private readonly lists: ReminderLists,
    private readonly receivedLines: ReceivedLines,
  ) {}

  @Get()
  async list(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const input = readInput(ListInput, { ...query });
    const position = input.atLeast === undefined ? undefined : positionOf(input.atLeast);
    const { lines, next, upToDate } = await this.lists.list(asker, input, position);
    response.json({ lines: lines.map(rowAnswer), next, upToDate });
  }

  /** Many lines at once: what is wrong with one stops no other. */
  @Post()
  async receive(@Asking() asker: Asker, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(asker);
    const { lines } = readInput(LinesInput, jsonOf(request));
    const read = withoutTwins(lines.map((line) => readListed(asker, line)));
    const whole = read.flatMap((line) => ('line' in line ? [line.line] : []));
    const { received, position } = await this.receivedLines.take(asker, whole, newRequestId());
    if (position) response.setHeader('Pli-Position', positionText(position));
    const outcomes = [...received];
    response.status(200).json({
      lines: read.map((line) => {
        if (!('line' in line)) return { lineId: line.lineId, outcome: 'faulty', errors: line.faults };
        return { lineId: line.line.lineId, ...outcomes.shift(), links: { self: lineResource(line.line.lineId) } };
      }),
    });
  }

  @Get(':line')
  async show(@Asking() asker: Asker, @Param('line') lineId: string, @Res() response: Response): Promise<void> {
    response.json(lineAnswer(await this.lists.find(asker, lineId)));
  }

  /** JSON, or multipart with a part `line` and a PDF. */
  @Put(':line')
  async save(
    @Asking() asker: Asker,
    @Param('line') lineId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(asker);
    const isMultipart = Boolean(request.is('multipart/form-data'));
    const upload = isMultipart ? await lineUpload(request, response) : undefined;
    const line = readLine(lineId, upload ? jsonPartOf(upload.texts, 'line', 'LINE_PART_MISSING') : jsonOf(request));
    const document = upload?.documents[0] ?? null;
    await mustBeReadable(upload?.documents ?? []);
    const outcome = await this.lists.receive(asker, { ...line, agencyId: asker.agency.id, document });
    const isNew = outcome.events[0]?.event.type === 'ReminderReceived';
    if (isNew) response.location(lineResource(line.lineId));
    await this.answer(asker, line.lineId, outcome, response.status(isNew ? 201 : 200));
  }

  @Post(':line/withdrawal')
  async withdraw(@Asking() asker: Asker, @Param('line') lineId: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(asker);
    await this.answer(asker, lineId, await this.lists.withdraw(asker, lineId), response.status(200));
  }

  @Post(':line/reinstatement')
  async reinstate(@Asking() asker: Asker, @Param('line') lineId: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(asker);
    await this.answer(asker, lineId, await this.lists.reinstate(asker, lineId), response.status(200));
  }

  /** The PDF that was supplied with the line. */
  @Get(':line/document')
  async document(@Asking() asker: Asker, @Param('line') lineId: string, @Res() response: Response): Promise<void> {
    const { state } = await this.lists.find(asker, lineId);
    const { name, bytes } = await this.lists.document(asker, state);
    answerPdf(response, bytes, name, 'inline');
  }

  /** The line after the command, so that nobody has to ask for it. */
  private async answer(asker: Asker, lineId: string, { position }: ReminderOutcome, response: Response): Promise<void> {
    if (position) response.setHeader('Pli-Position', positionText(position));
    response.json(lineAnswer(await this.lists.find(asker, lineId)));
  }
}

type ReadLine = { readonly line: LineToReceive } | { readonly lineId: unknown; readonly faults: readonly FieldFault[] };

/** A line of several, which bears its id. Its document, if there is one, stays as it is. */
function readListed({ agency }: Asker, listed: unknown): ReadLine {
  const { lineId, ...value } = typeof listed === 'object' && listed ? (listed as Record<string, unknown>) : {};
  try {
    return { line: { agencyId: agency.id, ...readLine(lineId, value) } };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return { lineId: lineId ?? null, faults: error.faults };
  }
}

/** Of two lines with one id nobody knows which one counts: the second is told as faulty. */
function withoutTwins(lines: readonly ReadLine[]): readonly ReadLine[] {
  const seen = new Set<string>();
  return lines.map((read) => {
    if (!('line' in read)) return read;
    const { lineId } = read.line;
    if (!seen.has(lineId)) {
      seen.add(lineId);
      return read;
    }
    const message = 'Ce numéro de ligne figure déjà plus haut dans la demande : gardez une seule des deux lignes.';
    return { lineId, faults: [{ field: 'lineId', message }] };
  });
}

/** @throws UploadRefused, EdgeFailure 422 where the document is missing. */
async function lineUpload(request: Request, response: Response): Promise<Upload> {
  const upload = await readUpload(request, response, { documentPart: 'document', textPart: 'line', limits: LIMITS });
  if (upload.documents.length === 1) return upload;
  const title = 'Joignez un document PDF, ou envoyez la ligne seule en JSON.';
  throw new EdgeFailure({ status: 422, code: 'NO_DOCUMENT', title });
}

/** @throws EdgeFailure 422 */
async function mustBeReadable(documents: Upload['documents']): Promise<void> {
  const [fault] = await documentFaults(documents, () => 'document');
  if (!fault) return;
  const { code, field, message } = fault;
  throw new EdgeFailure({ status: 422, code, title: message, errors: [{ field, message }] });
}
