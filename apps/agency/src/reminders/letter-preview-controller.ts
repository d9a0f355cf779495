import { Controller, HttpCode, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Clock } from '#libs/configuration';
import { letterKindOf, TemplateFaulty, writeLetter, type LetterToWrite } from '#libs/commands';
import type { PartyDetails } from '#libs/directory';
import { PrintFailed } from '#libs/documents';
import { exampleData, type ReminderList } from '#libs/reminders';
import { answerFramedPdf, EdgeFailure, notFound } from '#libs/web';
import { Asking, type SignedInUser } from '../access/asker.js';
import { SignedIn } from '../access/signed-in.js';
import { submittedTexts } from '../submitted-texts.js';
import { answerFaults } from '../templates/preview.js';
import { faultsOf } from '../templates/template-faults.js';
import { LetterPress } from './letter-press.js';
import { ReminderLists } from './reminder-lists.js';

/** Whom the example is for (manual II.2). */
const EXAMPLE_PARTY: PartyDetails = {
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  email: 'jl.charpentier@exemple.example',
  address: { street: '12 rue des Clercs', postcode: '57000', city: 'Metz' },
};
const EXAMPLE_LINE = { partyCode: '40017', dossier: '001' };

/** The letter that a template makes while it is being written, as PDF in the frame of its page. Nothing is kept of it. */
@Controller('relances/apercu')
@UseGuards(SignedIn)
export class LetterPreviewController {
  constructor(
    private readonly lists: ReminderLists,
    private readonly press: LetterPress,
    private readonly clock: Clock,
  ) {}

  /** Fields `objet` and `texte` of the template's form, and `ligne`: the id of a line, or nothing for the example. */
  @Post(':kind')
  @HttpCode(200)
  async show(
    @Asking() user: SignedInUser,
    @Param('kind') kind: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const list = listOfKind(kind);
    const { objet = '', texte = '', ligne = '' } = submittedTexts(request);
    try {
      const words = { subject: objet, body: texte.replaceAll('\r\n', '\n') };
      const { name, html } = writeLetter(words, await this.letterOf(user, list, ligne.trim()));
      answerFramedPdf(response, await this.press.print(user, html), name);
    } catch (error) {
      const sentences = sentencesOf(error);
      if (!sentences) throw error;
      answerFaults(response.status(422), sentences);
    }
  }

  /** The line that somebody names, if it has all that a letter needs, else an example. @throws EdgeFailure 422 */
  private async letterOf(user: SignedInUser, list: ReminderList, lineId: string): Promise<LetterToWrite> {
    const { agency } = user;
    const letter = { sender: { name: agency.name, email: agency.email }, at: this.clock.now() };
    if (lineId === '') {
      return { ...letter, line: { list, ...EXAMPLE_LINE, data: exampleData(list) }, party: EXAMPLE_PARTY };
    }
    const { state, party } = await this.lists.find(user, lineId).catch((error: unknown) => {
      throw error instanceof EdgeFailure ? NO_LINE() : error;
    });
    if (state.list !== list || state.data === 'erased' || !party || party.details === 'erased') throw NO_LINE();
    const { partyCode, dossier, data } = state;
    return { ...letter, line: { list, partyCode, dossier, data }, party: party.details };
  }
}

/** @throws EdgeFailure 404 for what is no letter of a list. */
function listOfKind(kind: string): ReminderList {
  const list = (Object.keys(letterKindOf) as ReminderList[]).find((known) => letterKindOf[known] === kind);
  if (!list) throw notFound();
  return list;
}

const NO_LINE = () =>
  new EdgeFailure({
    status: 422,
    code: 'NO_SUCH_LINE',
    title: 'Cette liste n’a pas de ligne de ce numéro dont le tiers soit connu : corrigez-le ou laissez-le vide.',
  });

/** What is wrong, for the person who writes; undefined for another failure. */
function sentencesOf(error: unknown): readonly string[] | undefined {
  if (error instanceof TemplateFaulty) return faultsOf(error).map(({ message }) => message);
  if (error instanceof PrintFailed) return ['La lettre est trop longue à imprimer : raccourcissez le texte.'];
  return error instanceof EdgeFailure && error.problem.status === 422 ? [error.problem.title] : undefined;
}
