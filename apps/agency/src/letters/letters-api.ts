import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import canonicalize from 'canonicalize';
import type { Request, Response } from 'express';
import { v4 as newCommandId } from 'uuid';
import { LetterOfRequest, ReceiveRequest } from '#libs/commands';
import { PdfRefused } from '#libs/documents';
import { answerPdf, EdgeFailure, readInput } from '#libs/web';
import { Asking, mustBeAllowedToSend, type Asker } from '../access/asker.js';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { positionText } from '../access/position-text.js';
import { documentFaults } from './document-faults.js';
import { HistoryInput, positionWanted } from './history-input.js';
import { History } from './history.js';
import { Intake, type TakenIn } from './intake.js';
import { newLetterId } from './letter-form.js';
import { LetterInput } from './letter-input.js';
import { letterAnswer, rowAnswer } from './letter-page.js';
import { OwnLetters } from './own-letters.js';
import { readUpload, type Upload } from './uploads.js';
import { jsonPartOf } from '../json-bodies.js';

/** Letters for programs: README.md of this application is its reference. */
@Controller('api/letters')
@UseGuards(ApiKeyHolder)
export class LettersApi {
  constructor(
    private readonly letters: OwnLetters,
    private readonly history: History,
    private readonly intake: Intake,
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  async submit(
    @Asking() asker: Asker,
    @Headers('idempotency-key') key: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(asker);
    const { texts, documents } = await readUpload(request, response, { documentPart: 'document', textPart: 'letter' });
    const input = letterOf(texts);
    const letterId = key === undefined ? newLetterId() : await this.letterOfKey(asker, key, input, documents);
    const taken = await this.takeIn(asker, letterId, input, documents);
    if (taken.position) response.setHeader('Pli-Position', positionText(taken.position));
    response.status(202).location(`/api/letters/${letterId}`).json(acceptance(taken));
  }

  @Get()
  async list(
    @Asking() asker: Asker,
    @Query() query: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const input = readInput(HistoryInput, { ...query });
    const { rows, next, upToDate } = await this.history.list(asker, input, positionWanted(input));
    response.json({ letters: rows.map(rowAnswer), next, upToDate });
  }

  @Get(':id')
  async show(@Asking() asker: Asker, @Param('id') id: string, @Res() response: Response): Promise<void> {
    response.json(letterAnswer(await this.letters.findProved(asker, id)));
  }

  @Get(':id/documents/:sha256')
  async document(
    @Asking() asker: Asker,
    @Param('id') id: string,
    @Param('sha256') sha256: string,
    @Res() response: Response,
  ): Promise<void> {
    const { name, bytes } = await this.letters.document(asker, id, sha256);
    answerPdf(response, bytes, name, 'attachment');
  }

  private async takeIn(
    asker: Asker,
    letterId: string,
    input: LetterInput,
    documents: Upload['documents'],
  ): Promise<TakenIn> {
    try {
      return await this.intake.submit(asker, letterId, input, documents);
    } catch (error) {
      if (error instanceof PdfRefused) await mustBePdfs(documents);
      throw error;
    }
  }

  /** Nothing is claimed for a letter that would be refused, so that the key stays free for the corrected one. */
  private async letterOfKey(
    asker: Asker,
    key: string,
    input: LetterInput,
    documents: Upload['documents'],
  ): Promise<string> {
    mustBeIdempotencyKey(key);
    this.intake.forecast(asker, input, documents);
    await mustBePdfs(documents);
    // A consent that was withdrawn since, or the last signature used, does not undo the letter that the key stands for.
    if (!(await this.queries.execute(new LetterOfRequest(asker.agency.id, key)))) {
      await this.intake.forecastConsent(asker, input);
      await this.intake.forecastCredit(asker);
    }
    const commandId = newCommandId();
    const letterId = newLetterId();
    const context = { commandId, correlationId: letterId, causationId: commandId, actor: asker.actor };
    const request = { agencyId: asker.agency.id, key, digest: digestOf(input, documents), letterId };
    return this.commands.execute(new ReceiveRequest(request, context));
  }
}

/** Fingerprint of a letter with its documents, the same however the JSON was spaced and ordered (RFC 8785). */
function digestOf(input: LetterInput, documents: Upload['documents']): string {
  const prints = documents.map(({ name, bytes }) => ({
    name,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }));
  const whole = canonicalize({ letter: structuredClone(input), documents: prints }) ?? '';
  return createHash('sha256').update(whole).digest('hex');
}

function letterOf(texts: Upload['texts']): LetterInput {
  return readInput(LetterInput, jsonPartOf(texts, 'letter', 'LETTER_MISSING'));
}

/** @throws EdgeFailure with the code of the first faulty document and a sentence for each. */
async function mustBePdfs(documents: Upload['documents']): Promise<void> {
  const faults = await documentFaults(documents, (index) => `document[${index}]`);
  const [first] = faults;
  if (!first) return;
  const errors = faults.map(({ field, message }) => ({ field, message }));
  throw new EdgeFailure({ status: 422, code: first.code, title: first.message, errors });
}

const acceptance = ({ letterId, reference }: TakenIn): object => ({
  id: letterId,
  reference,
  links: { self: `/api/letters/${letterId}`, page: `/lettres/${letterId}` },
});

/** @throws EdgeFailure 422 */
export function mustBeIdempotencyKey(key: string): void {
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return;
  throw new EdgeFailure({
    status: 422,
    code: 'IDEMPOTENCY_KEY_MALFORMED',
    title:
      'L’en-tête Idempotency-Key doit compter de 1 à 255 caractères ASCII visibles : employez par exemple un UUID.',
  });
}
