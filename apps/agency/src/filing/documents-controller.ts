import { Controller, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { v7 as newFormId, validate as isUuid } from 'uuid';
import { fullName } from '#libs/directory';
import { CommandRefused } from '#libs/event-store';
import { categoryLabels } from '#libs/filing';
import { Pages, type FieldFault } from '#libs/web';
import { ThirdParties } from '#projections/third-parties';
import { Asking, type SignedInUser } from '../access/asker.js';
import { Sessions } from '../access/sessions.js';
import { SignedIn } from '../access/signed-in.js';
import { sentenceOfRefusal } from '../failures.js';
import { UploadRefused, type Upload } from '../letters/uploads.js';
import { navigation } from '../navigation.js';
import { categoryChoices, FiledListInput, PlaceInput, placeOf } from './filing-input.js';
import { documentLine } from './filing-page.js';
import { filesFaults, readDocuments } from './filing-upload.js';
import { Filing, mustBeAllowedToFile, type ListedDocuments } from './filing.js';
import { filteredAddress, questionOf, readFilters, readOrFaults, type FiltersOf } from '../lists/filters.js';

/** The page's filters by the names in its address, and what they are called in the question. */
const FILTERS = {
  categorie: 'category',
  tiers: 'partyCode',
  pour: 'of',
  recherche: 'search',
  apres: 'after',
} as const;
type Filters = FiltersOf<typeof FILTERS>;

const NOTHING: ListedDocuments = { rows: [], next: null, counts: new Map(), parties: new Map(), upToDate: true };

const OWNERS = [
  { value: '', label: 'Des tiers et de l’agence' },
  { value: 'agency', label: 'De l’agence seulement' },
];

/** Third parties that the form's field offers by itself; others are filed under by their code all the same. */
const OFFERED = 200;

/** The form as it was filled in. */
interface FormTexts {
  readonly formId: string;
  readonly category?: string | undefined;
  readonly partyCode?: string | undefined;
}

/** In place of a field: the fault is that of a form that was sent before. */
const FORM = 'form';
const FIELD_OF_REFUSAL: Readonly<Record<string, string>> = {
  UNKNOWN_PARTY: 'partyCode',
  DOCUMENT_ALREADY_FILED: FORM,
};

/** The document store (manual IV.2, « Liste des documents »), and the form by which documents are filed. */
@Controller('documents')
@UseGuards(SignedIn)
export class DocumentsController {
  constructor(
    private readonly filing: Filing,
    private readonly parties: ThirdParties,
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
    const input = readOrFaults(FiledListInput, questionOf(FILTERS, filters));
    if (input instanceof FiledListInput) {
      response.send(this.list(user, filters, [], await this.filing.list(user, input, user.filingPosition)));
    } else {
      response.status(422).send(this.list(user, filters, input, NOTHING));
    }
  }

  @Get('nouveaux')
  async blank(
    @Asking() user: SignedInUser,
    @Query() { tiers, categorie }: Record<string, unknown>,
    @Res() response: Response,
  ): Promise<void> {
    mustBeAllowedToFile(user);
    const texts = { formId: newFormId(), category: textOf(categorie), partyCode: textOf(tiers) };
    response.send(await this.form(user, texts, []));
  }

  @Post('nouveaux')
  async file(@Asking() user: SignedInUser, @Req() request: Request, @Res() response: Response): Promise<void> {
    mustBeAllowedToFile(user);
    const upload = await uploadOrRefusal(request, response);
    const { formId = '', category, partyCode } = upload.texts;
    const texts = { formId: isUuid(formId) ? formId : newFormId(), category, partyCode: partyCode?.trim() };
    const outcome = await this.filed(user, texts, upload);
    if (typeof outcome === 'string') {
      response.redirect(303, outcome);
    } else {
      const status = upload instanceof UploadRefused ? upload.problem.status : 422;
      response.status(status).send(await this.form(user, { ...texts, formId: newFormId() }, outcome));
    }
  }

  /** @returns where to go on, or what is wrong by field of the form. */
  private async filed(
    user: SignedInUser,
    { formId, category, partyCode }: FormTexts,
    upload: Upload | UploadRefused,
  ): Promise<string | readonly FieldFault[]> {
    const input = placeInputOf({ category, ...(partyCode ? { partyCode } : {}) });
    const faults = [...(input instanceof PlaceInput ? [] : input), ...(await faultsOfUpload(upload))];
    if (!(input instanceof PlaceInput) || upload instanceof UploadRefused || faults.length > 0) return faults;
    try {
      const { position } = await this.filing.fileAll(user, formId, placeOf(input), upload.documents);
      if (position) await this.sessions.remember(user.token, position, 'filingPosition');
      return filteredAddress('/documents', {
        categorie: input.category,
        ...(partyCode ? { tiers: partyCode } : { pour: 'agency' }),
      });
    } catch (error) {
      const field = error instanceof CommandRefused ? FIELD_OF_REFUSAL[error.code] : undefined;
      const message = error instanceof CommandRefused ? sentenceOfRefusal(error.code) : undefined;
      if (!field || !message) throw error;
      return [{ field, message }];
    }
  }

  private async form(user: SignedInUser, texts: FormTexts, faults: readonly FieldFault[]): Promise<string> {
    const { rows } = await this.parties.list({ agencyId: user.agency.id, limit: OFFERED });
    return this.pages.render('file-documents', {
      title: 'Classer des documents',
      ...navigation(user, '/documents'),
      narrow: true,
      form: texts,
      categories: categoryChoices.map((choice) => ({ ...choice, selected: choice.value === texts.category })),
      parties: rows.map(({ code, details }) => ({ code, label: details ? fullName(details) : code })),
      faults,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      documentFaults: faults.filter(({ field }) => field === 'documents'),
    });
  }

  private list(user: SignedInUser, filters: Filters, faults: readonly FieldFault[], listed: ListedDocuments): string {
    const { apres, ...kept } = filters;
    const { categorie, ...others } = kept;
    const { rows, parties, counts, next, upToDate } = listed;
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    return this.pages.render('documents', {
      title: 'Documents',
      ...navigation(user, '/documents'),
      filters,
      faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
      owners: OWNERS.map((choice) => ({ ...choice, selected: choice.value === (filters.pour ?? '') })),
      all: { href: filteredAddress('/documents', others), count: total, current: categorie === undefined },
      categories: categoryChoices.map(({ value, label }) => ({
        label,
        href: filteredAddress('/documents', { ...others, categorie: value }),
        count: counts.get(value) ?? 0,
        current: value === categorie,
      })),
      category: categoryChoices.find(({ value }) => value === categorie)?.label,
      party: partyOf(filters, listed),
      filing: filingAddress(filters),
      rows: rows.map((row) => documentLine(row, parties.get(row.partyCode ?? ''))),
      isLate: !upToDate,
      isFaulty: faults.length > 0,
      isFiltered: Object.keys(kept).length > 0,
      isFirst: apres === undefined,
      first: filteredAddress('/documents', kept),
      further: next === null ? undefined : filteredAddress('/documents', { ...kept, apres: next }),
    });
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value.trim() : undefined);

function partyOf({ tiers }: Filters, { parties }: ListedDocuments): string | undefined {
  const details = parties.get(tiers ?? '')?.details;
  return details ? fullName(details) : tiers;
}

/** The form, filled in as the list is filtered. */
function filingAddress({ tiers, categorie }: Filters): string {
  const known = categorie !== undefined && categorie in categoryLabels ? { categorie } : {};
  const text = new URLSearchParams({ ...(tiers === undefined ? {} : { tiers }), ...known }).toString();
  return text === '' ? '/documents/nouveaux' : `/documents/nouveaux?${text}`;
}

async function uploadOrRefusal(request: Request, response: Response): Promise<Upload | UploadRefused> {
  try {
    return await readDocuments(request, response, { documentPart: 'documents' });
  } catch (error) {
    if (error instanceof UploadRefused) return error;
    throw error;
  }
}

async function faultsOfUpload(upload: Upload | UploadRefused): Promise<readonly FieldFault[]> {
  if (upload instanceof UploadRefused) return [{ field: 'documents', message: upload.problem.title }];
  return filesFaults(upload.documents);
}

function placeInputOf(value: object): PlaceInput | readonly FieldFault[] {
  const input = readOrFaults(PlaceInput, value);
  if (input instanceof PlaceInput) return input;
  // What programs are told names the categories by their codes.
  const message = 'Choisissez la catégorie sous laquelle les documents seront classés.';
  return input.map((fault) => (fault.field === 'category' ? { ...fault, message } : fault));
}
