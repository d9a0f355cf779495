import { Controller, Get, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { consentMeansLabels } from '#libs/directory';
import { ProofRefused } from '#libs/documents';
import { CommandRefused, type Position } from '#libs/event-store';
import { Clock } from '#libs/configuration';
import { currentLegalProfile, dayOf } from '#libs/legal-profile';
import { answerImage, answerPdf, InvalidInput, Pages, readInput, type FieldFault } from '#libs/web';
import { Asking, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { sentenceOfRefusal } from '../failures.js';
import { UploadRefused, type Upload } from '../letters/uploads.js';
import { navigation } from '../navigation.js';
import { submittedTexts } from '../submitted-texts.js';
import { Directory, mustBeAllowedToEdit } from './directory.js';
import { partyFormPage } from './party-form-page.js';
import { partyOfTexts, partyTexts, textsOfParty, type PartyTexts } from './party-form.js';
import { ConsentInput, descriptionOf, WithdrawalInput } from './party-input.js';
import { partyAddress } from './party-page.js';
import { PartyView } from './party-view.js';
import { PROOF_MISSING, readProof } from './proof-upload.js';

/** The field of the consent's form that a refusal is about; every other refusal is told by the page of failures. */
const FIELD_OF_REFUSAL: Readonly<Record<string, string>> = {
  CONSENT_IN_FUTURE: 'day',
  WITHDRAWN_BEFORE_GIVEN: 'day',
};

/** The consent's form as it was filled in. */
interface ConsentTexts {
  readonly day?: string | undefined;
  readonly how?: string | undefined;
}

/** One third party: its page, the form that changes it, its consent with the proof. */
@Controller('tiers/:code')
@UseGuards(SignedIn)
export class PartyController {
  constructor(
    private readonly directory: Directory,
    private readonly view: PartyView,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(@Asking() user: SignedInUser, @Param('code') code: string, @Res() response: Response): Promise<void> {
    response.send(await this.page(user, code));
  }

  @Get('modifier')
  async edit(@Asking() user: SignedInUser, @Param('code') code: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToEdit(user);
    const { state } = await this.directory.find(user, code);
    response.send(this.form(user, state.code, textsOfParty(state), []));
  }

  @Post('modifier')
  async change(
    @Asking() user: SignedInUser,
    @Param('code') code: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToEdit(user);
    const { state } = await this.directory.find(user, code);
    const texts = { ...partyTexts(submittedTexts(request)), code: state.code };
    const read = partyOfTexts(texts);
    if (!('input' in read)) {
      response.status(422).send(this.form(user, state.code, texts, read));
      return;
    }
    const { position } = await this.directory.save(user, descriptionOf(user.agency.id, state.code, read.input));
    await this.goOn(user, state.code, position, response);
  }

  @Post('accord')
  async giveConsent(
    @Asking() user: SignedInUser,
    @Param('code') code: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToEdit(user);
    const upload = await uploadOrRefusal(request, response);
    const { day, how } = upload.texts;
    await this.attempt(user, code, { day, how }, response, async () => {
      if (upload instanceof UploadRefused) throw upload;
      const [proof] = upload.documents;
      const input = readFields(
        ConsentInput,
        { givenOn: day, how },
        proof ? [] : [{ field: 'proof', message: PROOF_MISSING }],
      );
      if (!proof) throw new InvalidInput([{ field: 'proof', message: PROOF_MISSING }]);
      return (await this.directory.giveConsent(user, code, { givenOn: input.givenOn, how: input.how, proof })).position;
    });
  }

  @Post('retrait')
  async withdrawConsent(
    @Asking() user: SignedInUser,
    @Param('code') code: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToEdit(user);
    const { day, how } = submittedTexts(request);
    await this.attempt(user, code, { day, how }, response, async () => {
      const input = readFields(WithdrawalInput, { withdrawnOn: day, how }, []);
      return (await this.directory.withdrawConsent(user, code, input)).position;
    });
  }

  @Post('archivage')
  async archive(@Asking() user: SignedInUser, @Param('code') code: string, @Res() response: Response): Promise<void> {
    mustBeAllowedToEdit(user);
    await this.goOn(user, code, (await this.directory.archive(user, code, true)).position, response);
  }

  @Post('reactivation')
  async reactivate(
    @Asking() user: SignedInUser,
    @Param('code') code: string,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToEdit(user);
    await this.goOn(user, code, (await this.directory.archive(user, code, false)).position, response);
  }

  /** Where a refused form leaves the address bar. */
  @Get(['accord', 'retrait'])
  afterRefusal(@Param('code') code: string, @Res() response: Response): void {
    response.redirect(303, partyAddress(code));
  }

  @Get('preuves/:sha256')
  async proof(
    @Asking() user: SignedInUser,
    @Param('code') code: string,
    @Param('sha256') sha256: string,
    @Res() response: Response,
  ): Promise<void> {
    answerProof(response, await this.directory.proof(user, code, sha256));
  }

  /** Carries out what a form of the consent asks, and shows the page again with what is wrong. */
  private async attempt(
    user: SignedInUser,
    code: string,
    texts: ConsentTexts,
    response: Response,
    carryOut: () => Promise<Position | null>,
  ): Promise<void> {
    try {
      await this.goOn(user, code, await carryOut(), response);
    } catch (error) {
      const faults = faultsOf(error);
      if (!faults) throw error;
      const status = error instanceof UploadRefused ? error.problem.status : 422;
      response.status(status).send(await this.page(user, code, texts, faults));
    }
  }

  private async goOn(user: SignedInUser, code: string, position: Position | null, response: Response): Promise<void> {
    if (position) await this.sessions.remember(user.token, position, 'position');
    response.redirect(303, partyAddress(code));
  }

  private form(user: SignedInUser, code: string, texts: PartyTexts, faults: readonly FieldFault[]): string {
    return this.pages.render('party-form', {
      title: `Modifier le tiers ${code}`,
      ...navigation(user, '/tiers'),
      ...partyFormPage(texts, faults),
      action: `${partyAddress(code)}/modifier`,
      back: partyAddress(code),
      isNew: false,
    });
  }

  private async page(
    user: SignedInUser,
    code: string,
    texts: ConsentTexts = {},
    faults: readonly FieldFault[] = [],
  ): Promise<string> {
    return this.pages.render('party', {
      ...navigation(user, '/tiers'),
      ...(await this.view.of(user, code)),
      today: dayOf(currentLegalProfile.zone, this.clock.now()),
      form: texts,
      faults,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      means: Object.entries(consentMeansLabels).map(([value, label]) => ({
        value,
        label,
        selected: value === texts.how,
      })),
    });
  }
}

/** Shows a proof in the browser, whatever its kind. */
export function answerProof(response: Response, { name, type, bytes }: Awaited<ReturnType<Directory['proof']>>): void {
  const known = name ?? 'Justificatif';
  if (type === 'application/pdf') answerPdf(response, bytes, known, 'inline');
  else answerImage(response, bytes, known, type);
}

const MEANS_MISSING = 'Choisissez comment le tiers s’est prononcé.';

/** Reads an input whose day has one name in the form; what is wrong beside it is told at once. @throws InvalidInput */
function readFields<T extends object>(type: new () => T, value: object, others: readonly FieldFault[]): T {
  try {
    return readInput(type, value);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const faults = error.faults.map(({ field, message }) =>
      field === 'how' ? { field, message: MEANS_MISSING } : { field: 'day', message },
    );
    throw new InvalidInput([...faults, ...others]);
  }
}

function faultsOf(error: unknown): readonly FieldFault[] | undefined {
  if (error instanceof InvalidInput) return error.faults;
  if (error instanceof UploadRefused) return [{ field: 'proof', message: error.problem.title }];
  if (error instanceof ProofRefused) return [{ field: 'proof', message: error.message }];
  const field = error instanceof CommandRefused ? FIELD_OF_REFUSAL[error.code] : undefined;
  const message = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
  return field && message ? [{ field, message }] : undefined;
}

async function uploadOrRefusal(request: Request, response: Response): Promise<Upload | UploadRefused> {
  try {
    return await readProof(request, response);
  } catch (error) {
    if (error instanceof UploadRefused) return error;
    throw error;
  }
}
