import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsEmail,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  Matches,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { isTemplateKind, type TemplateKind } from '#libs/templates';
import { mobileInE164 } from './mobile-number.js';

export const Trimmed = () =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value));

/** One line of text without control characters or lone surrogates: it goes into e-mail headers and documents. */
export const IsLine = (longest: number, message: string) =>
  Matches(new RegExp(`^[^\\p{Cc}\\p{Cs}\\u2028\\u2029]{1,${longest}}$`, 'u'), { message });

export const IsMobile = () =>
  ValidateBy({
    name: 'isMobile',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && mobileInE164(value) !== undefined,
      defaultMessage: () =>
        'Ce numéro n’est pas un mobile attribué : saisissez un 06 ou 07 français, ou un numéro étranger avec son indicatif (+34…).',
    },
  });

/** Whom a letter is for, as an agency writes it. */
export class RecipientInput {
  @IsOptional()
  @Trimmed()
  @IsLine(30, 'La civilité tient sur une ligne de 30 caractères au plus.')
  civility?: string | null;

  @Trimmed()
  @IsLine(120, 'Indiquez le nom du destinataire, sur une ligne de 120 caractères au plus.')
  name: string;

  @Trimmed()
  @IsEmail({}, { message: 'Cette adresse e-mail n’est pas valable : vérifiez-la, par exemple nom@exemple.fr.' })
  email: string;

  /** As people write it; `mobileInE164` reads it. */
  @IsOptional()
  @Trimmed()
  @IsMobile()
  mobile?: string | null;
}

/** A letter as an agency hands it in, through the page or the API, without its documents. */
export class LetterInput {
  @IsDefined({ message: 'Indiquez le destinataire.' })
  @IsObject({ message: 'Le destinataire doit être un objet JSON.' })
  @ValidateNested()
  @Type(() => RecipientInput)
  recipient: RecipientInput;

  @IsIn(['tenant', 'owner'], {
    message: 'Indiquez si le destinataire est un locataire (tenant) ou un propriétaire (owner).',
  })
  partyKind: 'tenant' | 'owner';

  @Trimmed()
  @Matches(/^[\p{L}\p{N}._-]{1,30}$/u, {
    message: 'Indiquez le code du tiers : 1 à 30 lettres, chiffres, points ou tirets.',
  })
  partyCode: string;

  /** Part of the letter's reference. */
  @Trimmed()
  @Matches(/^[A-Za-z0-9.-]{1,20}$/, {
    message: 'Indiquez le code du dossier : 1 à 20 lettres sans accent, chiffres, points ou tirets.',
  })
  dossier: string;

  @IsBoolean({ message: 'Indiquez si le destinataire est un professionnel : true ou false.' })
  professional = false;

  @IsBoolean({ message: 'Indiquez si un code par SMS est demandé : true ou false.' })
  otp = false;

  /** The ranges are the legal profile's business. */
  @IsInt({ message: 'La durée de rétention est un nombre entier de jours.' })
  retentionDays = 15;

  @IsInt({ message: 'Le délai d’alerte est un nombre entier de jours.' })
  alertDays = 5;

  /** Names of the agency's templates, by kind; what is absent goes by its default. */
  @IsOptional()
  @ValidateBy({
    name: 'templateNames',
    validator: {
      validate: areTemplateNames,
      defaultMessage: () => 'Les modèles sont un objet : un nom de modèle par type, tel que "mail-signature".',
    },
  })
  templates?: Partial<Record<TemplateKind, string>>;
}

function areTemplateNames(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([kind, name]) => isTemplateKind(kind) && typeof name === 'string');
}
