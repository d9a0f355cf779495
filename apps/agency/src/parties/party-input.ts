import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsEmail,
  IsIn,
  IsObject,
  IsOptional,
  ValidateBy,
  ValidateNested,
  type ValidationArguments,
} from 'class-validator';
import {
  consentMeansLabels,
  fullName,
  type ConsentMeans,
  type PartyDescription,
  type PartyDetails,
  type PostalAddress,
} from '#libs/directory';
import { InvalidInput } from '#libs/web';
import { IsCalendarDay } from '../letters/history-input.js';
import { IsLine, IsMobile, Trimmed } from '../letters/letter-input.js';
import { mobileInE164 } from '../letters/mobile-number.js';
import { IsNext, IsPageSize, IsPosition, IsSearch } from '../lists/list-input.js';

/** A letter's recipient has one name of 120 characters: a couple's names must fit in it together. */
const LONGEST_NAME = 120;
/** Codes that the pages have taken for addresses of their own. */
const TAKEN_CODES = new Set(['nouveau', 'import']);

const CODE_FAULT =
  'Indiquez le code du tiers : 1 à 30 lettres, chiffres, points ou tirets, à commencer par une lettre ou un chiffre ; « nouveau » et « import » sont réservés.';

/** The code of a third party as it is stored, or undefined where a text is none. */
export function partyCodeOf(text: string): string | undefined {
  const code = text.trim().normalize('NFC');
  return /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,29}$/u.test(code) && !TAKEN_CODES.has(code) ? code : undefined;
}

/** @throws InvalidInput */
export function mustBePartyCode(text: string): string {
  const code = partyCodeOf(text);
  if (code === undefined) throw new InvalidInput([{ field: 'code', message: CODE_FAULT }]);
  return code;
}

/** A rule over several fields of one input. */
const Agrees = <Input>(agrees: (value: unknown, input: Input) => boolean, message: string) =>
  ValidateBy({
    name: 'agrees',
    validator: {
      validate: (value: unknown, rule?: ValidationArguments) => agrees(value, rule?.object as Input),
      defaultMessage: () => message,
    },
  });

const isFrance = (country: string | null | undefined): boolean => !country || /^france$/i.test(country);

/** A postal address; without a country it is in France. */
export class AddressInput {
  @Trimmed()
  @IsLine(120, 'Indiquez le numéro et la voie, sur une ligne de 120 caractères au plus.')
  street: string;

  @IsOptional()
  @Trimmed()
  @IsLine(120, 'Le complément d’adresse tient sur une ligne de 120 caractères au plus.')
  complement?: string | null;

  @Trimmed()
  @IsLine(12, 'Indiquez le code postal, de 12 caractères au plus.')
  @Agrees<AddressInput>(
    (value, { country }) => !isFrance(country) || /^\d{5}$/.test(String(value)),
    'Un code postal français a cinq chiffres : corrigez-le ou indiquez le pays.',
  )
  postcode: string;

  @Trimmed()
  @IsLine(80, 'Indiquez la ville, sur une ligne de 80 caractères au plus.')
  city: string;

  @IsOptional()
  @Trimmed()
  @IsLine(60, 'Le pays tient sur une ligne de 60 caractères au plus.')
  country?: string | null;
}

/** A third party as an agency describes it, on the page, by the API or in a file. */
export class PartyInput {
  @IsIn(['tenant', 'owner'], {
    message: 'Indiquez si le tiers est un locataire (tenant) ou un propriétaire (owner).',
  })
  kind: 'tenant' | 'owner';

  @IsBoolean({ message: 'Indiquez si le tiers est un professionnel : true ou false.' })
  professional = false;

  @IsOptional()
  @Trimmed()
  @IsLine(30, 'La civilité tient sur une ligne de 30 caractères au plus.')
  civility?: string | null;

  @Trimmed()
  @IsLine(LONGEST_NAME, 'Indiquez le nom du tiers, sur une ligne de 120 caractères au plus.')
  name: string;

  /** Of the other half of a couple. */
  @IsOptional()
  @Trimmed()
  @IsLine(LONGEST_NAME, 'Le second nom tient sur une ligne de 120 caractères au plus.')
  @Agrees<PartyInput>(
    (value, { name }) => fullName({ name, secondName: String(value) }).length <= LONGEST_NAME,
    'Les deux noms comptent ensemble plus de 120 caractères : abrégez-les.',
  )
  secondName?: string | null;

  @Trimmed()
  @IsEmail({}, { message: 'Cette adresse e-mail n’est pas valable : vérifiez-la, par exemple nom@exemple.fr.' })
  email: string;

  /** As people write it; `mobileInE164` reads it. */
  @IsOptional()
  @Trimmed()
  @IsMobile()
  mobile?: string | null;

  @IsOptional()
  @IsObject({ message: 'L’adresse postale doit être un objet JSON.' })
  @ValidateNested()
  @Type(() => AddressInput)
  address?: AddressInput | null;
}

/** What the domain is told of a third party. */
export function descriptionOf(agencyId: string, code: string, input: PartyInput): PartyDescription {
  const { kind, professional, civility, name, secondName, email, mobile, address } = input;
  const number = mobile ? mobileInE164(mobile) : undefined;
  const details: PartyDetails = {
    ...(civility ? { civility } : {}),
    name,
    ...(secondName ? { secondName } : {}),
    email,
    ...(number ? { mobile: number } : {}),
    ...(address ? { address: postalAddress(address) } : {}),
  };
  return { agencyId, code, kind, professional, details };
}

function postalAddress({ street, complement, postcode, city, country }: AddressInput): PostalAddress {
  return {
    street,
    ...(complement ? { complement } : {}),
    postcode,
    city,
    ...(country && !isFrance(country) ? { country } : {}),
  };
}

const MEANS = Object.keys(consentMeansLabels) as ConsentMeans[];
const IsMeans = () => IsIn(MEANS, { message: `Indiquez comment le tiers s’est prononcé : ${MEANS.join(', ')}.` });

export class ConsentInput {
  @IsCalendarDay()
  givenOn: string;

  @IsMeans()
  how: ConsentMeans;
}

export class WithdrawalInput {
  @IsCalendarDay()
  withdrawnOn: string;

  @IsMeans()
  how: ConsentMeans;
}

/** The questions that the directory answers, as texts of an address. */
export class DirectoryInput {
  @IsSearch()
  search?: string;

  @IsOptional()
  @IsIn(['tenant', 'owner'], { message: 'Choisissez les locataires (tenant) ou les propriétaires (owner).' })
  kind?: 'tenant' | 'owner';

  /** Whether registered electronic letters may be sent. */
  @IsOptional()
  @IsIn(['yes', 'no'], {
    message: 'Choisissez les tiers qui peuvent recevoir des lettres électroniques (yes) ou non (no).',
  })
  receives?: 'yes' | 'no';

  @IsOptional()
  @IsIn(['yes', 'no'], { message: 'Choisissez les tiers archivés (yes) ou non (no).' })
  archived?: 'yes' | 'no';

  @IsNext()
  after?: string;

  @IsPageSize('de tiers')
  limit = 50;

  @IsPosition()
  atLeast?: string;
}
