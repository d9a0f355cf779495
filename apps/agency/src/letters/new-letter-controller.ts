import { Controller, Get, Logger, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Clock } from '#libs/configuration';
import type { CreditRefusalCode } from '#libs/credit';
import { PdfRefused } from '#libs/documents';
import { CommandRefused } from '#libs/event-store';
import { currentLegalProfile, dayOf, lastDay } from '#libs/legal-profile';
import { Pages, type FieldFault } from '#libs/web';
import { Asking, mustBeAllowedToSend, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import type { ShownBalance } from '../credits/credits.js';
import { problemOf, sentenceOfRefusal } from '../failures.js';
import { navigation } from '../navigation.js';
import { Recipients } from '../parties/recipients.js';
import { civilityChoices } from './civilities.js';
import { documentFaults } from './document-faults.js';
import { Intake } from './intake.js';
import {
  emptyForm,
  FIELD_OF_REFUSAL,
  formTexts,
  letterIdOf,
  letterOf,
  newLetterId,
  type FormTexts,
} from './letter-form.js';
import { readUpload, UploadRefused, type Upload } from './uploads.js';

const FORM_TOO_OLD = 'Ce formulaire n’était plus valable : vérifiez-le, puis envoyez-le de nouveau.';

/** In place of a field: the fault is the service's, or the account's, not the form's. */
const SERVICE = 'service';
const CREDIT = 'credit';
const STATUS_OF: Readonly<Record<string, number>> = { [SERVICE]: 503, [CREDIT]: 409 };

/** The page on which a letter is written and sent. */
@Controller('lettres/nouvelle')
@UseGuards(SignedIn)
export class NewLetterController {
  private readonly logger = new Logger('NewLetter');

  constructor(
    private readonly intake: Intake,
    private readonly recipients: Recipients,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query('tiers') code: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToSend(user);
    const asked = typeof code === 'string' ? code : '';
    const { texts, faults } = await this.recipients.fill(user, asked);
    response.send(await this.page(user, { ...emptyForm(), ...texts }, faults, { asked }));
  }

  @Post()
  async send(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(user);
    const upload = await uploadOrRefusal(request, response);
    const form = formTexts(upload.texts);
    if (upload instanceof UploadRefused) {
      const { status, title } = upload.problem;
      const faults = withDocumentFault(letterOf(form), title);
      response.status(status).send(await this.page(user, form, faults));
      return;
    }
    const outcome = await this.submit(user, form, upload.documents);
    if (typeof outcome === 'string') {
      response.redirect(303, outcome);
    } else {
      const status = outcome.map(({ field }) => STATUS_OF[field]).find((known) => known !== undefined) ?? 422;
      response.status(status).send(await this.page(user, form, outcome));
    }
  }

  /** @returns where to go on, or what is wrong by field of the form. */
  private async submit(
    user: SignedInUser,
    form: FormTexts,
    documents: Upload['documents'],
  ): Promise<string | readonly FieldFault[]> {
    const letterId = letterIdOf(form);
    if (!letterId) return [{ field: 'letterId', message: FORM_TOO_OLD }];
    const input = letterOf(form);
    if (isFaults(input)) return [...input, ...(await documentFaults(documents, () => 'documents'))];
    try {
      const { position, before } = await this.intake.submit(user, letterId, input, documents);
      if (position) await this.sessions.remember(user.token, position, 'position', 'creditPosition');
      return `/lettres/${letterId}${before ? '?deja' : ''}`;
    } catch (error) {
      if (error instanceof PdfRefused) return documentFaults(documents, () => 'documents');
      const fault = error instanceof CommandRefused ? faultOf(error.code) : this.outageFault(error);
      if (!fault) throw error;
      return [fault];
    }
  }

  /** The service is away for a moment: who has filled in the form shall not have to do it again. */
  private outageFault(error: unknown): FieldFault | undefined {
    const problem = problemOf(error);
    if (problem?.status !== 503) return undefined;
    this.logger.warn(error instanceof Error ? error.message : problem.code);
    return { field: SERVICE, message: problem.title };
  }

  /** None while the service is away: the form shall come back all the same. */
  private async balanceOf(user: SignedInUser, faults: readonly FieldFault[]): Promise<ShownBalance | undefined> {
    if (faults.some(({ field }) => field === SERVICE)) return undefined;
    return this.intake.balance(user);
  }

  /** @param chosen what was asked of the directory, before anything was sent. */
  private async page(
    user: SignedInUser,
    form: FormTexts,
    faults: readonly FieldFault[],
    chosen?: { readonly asked: string },
  ): Promise<string> {
    const balance = await this.balanceOf(user, faults);
    const now = this.clock.now();
    const retention = Number(form.retentionDays ?? '');
    const isPossible =
      Number.isInteger(retention) && retention > 0 && retention <= currentLegalProfile.longestWindowDays;
    return this.pages.render('new-letter', {
      title: 'Nouvelle lettre',
      ...navigation(user, '/lettres'),
      narrow: true,
      script: 'until.js',
      balance,
      form: { ...form, letterId: letterIdOf(form) ?? newLetterId() },
      faults: chosen ? [] : faults,
      asked: chosen?.asked,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      documentFaults: faults.filter(({ field }) => field === 'documents'),
      civilities: civilityChoices(form.civility ?? ''),
      recipients: await this.recipients.offered(user),
      today: dayOf(currentLegalProfile.zone, now),
      until: isPossible ? lastDay(currentLegalProfile, now, retention) : undefined,
    });
  }
}

async function uploadOrRefusal(request: Request, response: Response): Promise<Upload | UploadRefused> {
  try {
    return await readUpload(request, response, { documentPart: 'documents' });
  } catch (error) {
    if (error instanceof UploadRefused) return error;
    throw error;
  }
}

const isFaults = (value: object): value is readonly FieldFault[] => Array.isArray(value);

function withDocumentFault(letter: object, message: string): readonly FieldFault[] {
  return [...(isFaults(letter) ? letter : []), { field: 'documents', message }];
}

/** What an account says to a letter. */
const IS_CREDIT: ReadonlySet<string> = new Set<CreditRefusalCode>(['NOT_ACTIVATED', 'NO_SIGNATURE_LEFT']);

function faultOf(code: string): FieldFault | undefined {
  const field = IS_CREDIT.has(code) ? CREDIT : FIELD_OF_REFUSAL[code]?.form;
  const message = sentenceOfRefusal(code);
  return field && message ? { field, message } : undefined;
}
