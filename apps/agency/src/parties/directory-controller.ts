import { Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { CommandRefused } from '#libs/event-store';
import { Pages, type FieldFault } from '#libs/web';
import { Asking, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { sentenceOfRefusal } from '../failures.js';
import { navigation } from '../navigation.js';
import { submittedTexts } from '../submitted-texts.js';
import { Directory, mustBeAllowedToEdit, type ListedParties } from './directory.js';
import { emptyPartyForm, FIELD_OF_PARTY_REFUSAL, partyOfTexts, partyTexts, type PartyTexts } from './party-form.js';
import { partyFormPage } from './party-form-page.js';
import { descriptionOf, DirectoryInput } from './party-input.js';
import { partyAddress, partyLine } from './party-page.js';
import { choices, filteredAddress, questionOf, readFilters, readOrFaults, type FiltersOf } from '../lists/filters.js';

/** The page's filters by the names in its address, and what they are called in the question. */
const FILTERS = {
  recherche: 'search',
  qualite: 'kind',
  accord: 'receives',
  archives: 'archived',
  apres: 'after',
} as const;
type Filters = FiltersOf<typeof FILTERS>;

const NOTHING: ListedParties = { rows: [], next: null, upToDate: true };

const KINDS = [
  { value: '', label: 'Tous' },
  { value: 'tenant', label: 'Locataires' },
  { value: 'owner', label: 'Propriétaires' },
];
const RECEIVES = [
  { value: '', label: 'Tous' },
  { value: 'yes', label: 'Peuvent recevoir une LRE' },
  { value: 'no', label: 'Accord manquant' },
];
const ARCHIVED = [
  { value: '', label: 'Actifs' },
  { value: 'yes', label: 'Archivés' },
];

/** The directory of third parties (manual III), and the form of a new one. */
@Controller('tiers')
@UseGuards(SignedIn)
export class DirectoryController {
  constructor(
    private readonly directory: Directory,
    private readonly sessions: Sessions,
    private readonly pages: Pages,
  ) {}

  @Get()
  async show(
    @Asking() user: SignedInUser,
    @Query() address: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    const filters = readFilters(FILTERS, address);
    const input = readOrFaults(DirectoryInput, questionOf(FILTERS, filters));
    if (input instanceof DirectoryInput) {
      response.send(this.list(user, filters, [], await this.directory.list(user, input, user.position)));
    } else {
      response.status(422).send(this.list(user, filters, input, NOTHING));
    }
  }

  @Get('nouveau')
  blank(@Asking() user: SignedInUser, @Res() response: Response): void {
    mustBeAllowedToEdit(user);
    response.send(this.form(user, emptyPartyForm, []));
  }

  @Post('nouveau')
  async register(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToEdit(user);
    const texts = partyTexts(submittedTexts(request));
    const outcome = await this.registered(user, texts);
    if (typeof outcome === 'string') response.redirect(303, outcome);
    else response.status(422).send(this.form(user, texts, outcome));
  }

  /** @returns where to go on, or what is wrong by field of the form. */
  private async registered(user: SignedInUser, texts: PartyTexts): Promise<string | readonly FieldFault[]> {
    const read = partyOfTexts(texts);
    if (!('input' in read)) return read;
    try {
      const { position } = await this.directory.register(user, descriptionOf(user.agency.id, read.code, read.input));
      if (position) await this.sessions.remember(user.token, position, 'position');
      return partyAddress(read.code);
    } catch (error) {
      const field = error instanceof CommandRefused ? FIELD_OF_PARTY_REFUSAL[error.code] : undefined;
      const message = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
      if (!field || !message) throw error;
      return [{ field, message }];
    }
  }

  private form(user: SignedInUser, texts: PartyTexts, faults: readonly FieldFault[]): string {
    return this.pages.render('party-form', {
      title: 'Nouveau tiers',
      ...navigation(user, '/tiers'),
      ...partyFormPage(texts, faults),
      action: '/tiers/nouveau',
      back: '/tiers',
      isNew: true,
    });
  }

  private list(user: SignedInUser, filters: Filters, faults: readonly FieldFault[], listed: ListedParties): string {
    const { apres, ...kept } = filters;
    return this.pages.render('directory', {
      title: 'Tiers',
      ...navigation(user, '/tiers'),
      filters,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      kinds: choices(KINDS, filters.qualite),
      receives: choices(RECEIVES, filters.accord),
      archived: choices(ARCHIVED, filters.archives),
      rows: listed.rows.map(partyLine),
      isLate: !listed.upToDate,
      isFaulty: faults.length > 0,
      isFiltered: Object.keys(kept).length > 0,
      isFirst: apres === undefined,
      first: filteredAddress('/tiers', kept),
      further: listed.next === null ? undefined : filteredAddress('/tiers', { ...kept, apres: listed.next }),
    });
  }
}
