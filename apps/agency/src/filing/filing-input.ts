import { IsIn, IsOptional, ValidateBy } from 'class-validator';
import { categoryLabels, documentCategories, type DocumentCategory, type Place } from '#libs/filing';
import { partyCodeOf } from '../parties/party-input.js';
import { IsNext, IsPageSize, IsPosition, IsSearch } from '../lists/list-input.js';

const IsCategory = () =>
  IsIn(documentCategories, { message: `Choisissez une catégorie de documents : ${documentCategories.join(', ')}.` });

const IsPartyCode = () =>
  ValidateBy({
    name: 'isPartyCode',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && partyCodeOf(value) !== undefined,
      defaultMessage: () => 'Ce code n’est pas celui d’un tiers : vérifiez-le, ou laissez le champ vide.',
    },
  });

/** Where documents are to be filed: under a third party, or for the agency where there is no code. */
export class PlaceInput {
  @IsCategory()
  category: DocumentCategory;

  @IsOptional()
  @IsPartyCode()
  partyCode?: string | null;
}

/** What the domain is told of a place. */
export const placeOf = ({ category, partyCode }: PlaceInput): Place => ({
  category,
  partyCode: partyCode ? (partyCodeOf(partyCode) ?? null) : null,
});

/** The questions that the document store answers, as texts of an address. */
export class FiledListInput {
  @IsOptional()
  @IsCategory()
  category?: DocumentCategory;

  @IsOptional()
  @IsPartyCode()
  partyCode?: string;

  /** The agency’s own documents only. */
  @IsOptional()
  @IsIn(['agency'], { message: 'Choisissez les documents de l’agence (agency), ou rien pour tous.' })
  of?: 'agency';

  @IsSearch()
  search?: string;

  @IsNext()
  after?: string;

  @IsPageSize('de documents')
  limit = 50;

  @IsPosition()
  atLeast?: string;
}

/** What a field « Catégorie » offers, in the order of the manual. */
export const categoryChoices = documentCategories.map((value) => ({ value, label: categoryLabels[value] }));
