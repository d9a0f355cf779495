import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, ValidateBy } from 'class-validator';
import { categoryLabels, documentCategories, type DocumentCategory, type Place } from '#libs/filing';
import { partyCodeOf } from '../parties/party-input.js';

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

const PAGE_SIZE = 'Le nombre de documents par page va de 1 à 100.';

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

  @IsOptional()
  @IsString({ message: 'La recherche est un seul texte.' })
  @MaxLength(200, { message: 'La recherche est trop longue : 200 caractères au plus.' })
  search?: string;

  @IsOptional()
  @IsString({ message: 'La suite d’une liste se demande une seule fois.' })
  after?: string;

  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? Number(value) : value))
  @IsInt({ message: PAGE_SIZE })
  @Min(1, { message: PAGE_SIZE })
  @Max(100, { message: PAGE_SIZE })
  limit = 50;

  /** The `Pli-Position` of a command. */
  @IsOptional()
  @Matches(/^\d{1,19}-\d{1,19}$/, { message: 'La position est celle d’un en-tête Pli-Position.' })
  atLeast?: string;
}

/** What a field « Catégorie » offers, in the order of the manual. */
export const categoryChoices = documentCategories.map((value) => ({ value, label: categoryLabels[value] }));
