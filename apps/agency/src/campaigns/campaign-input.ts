import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsEmail,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  MaxLength,
  Min,
  IsString,
  ValidateBy,
  ValidateNested,
  Matches,
} from 'class-validator';
import { MOST_LINES, settingTemplates, type CategoryChoice, type LetterOutcome } from '#libs/campaign';
import { documentCategories, type DocumentCategory } from '#libs/filing';
import type { ReminderList } from '#libs/reminders';
import { Trimmed } from '../letters/letter-input.js';
import { AsNumber, IsPageSize, IsPosition } from '../lists/list-input.js';

const LISTS: readonly ReminderList[] = ['unpaid', 'insurance', 'owner-insurance'];
const IsList = () => IsIn(LISTS, { message: `Indiquez la liste : ${LISTS.join(', ')}.` });

const isTemplateNames = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(
    ([kind, name]) =>
      (settingTemplates as readonly string[]).includes(kind) &&
      typeof name === 'string' &&
      /^[^\p{Cc}]{1,80}$/u.test(name),
  );

const IsTemplateNames = () =>
  ValidateBy({
    name: 'isTemplateNames',
    validator: {
      validate: isTemplateNames,
      defaultMessage: () =>
        `Les modèles sont désignés par leur nom, de 80 caractères au plus, sous ${settingTemplates.join(', ')}.`,
    },
  });

/** What all letters of a campaign are sent with (manual IV, screen 1). */
export class SettingsInput {
  @IsBoolean({ message: 'Indiquez si un code par SMS est demandé : true ou false.' })
  otp = false;

  /** The ranges are the legal profile's business. */
  @IsInt({ message: 'La durée de rétention est un nombre entier de jours.' })
  retentionDays = 15;

  @IsInt({ message: 'Le délai d’alerte est un nombre entier de jours.' })
  alertDays = 5;

  @Trimmed()
  @IsEmail({}, { message: 'Cette adresse e-mail n’est pas valable : vérifiez-la, par exemple nom@exemple.fr.' })
  agencyEmail: string;

  @IsObject({ message: 'Les modèles sont un objet JSON.' })
  @IsTemplateNames()
  templates: Record<string, string> = {};
}

/** The document that is joined to each recipient's letter (manual IV, screen 2). */
export class CategoryInput implements CategoryChoice {
  @IsIn(documentCategories, { message: `Indiquez la catégorie : ${documentCategories.join(', ')}.` })
  category: DocumentCategory;

  @IsIn(['leave-out', 'send-without'], {
    message: 'Indiquez ce qui est fait sans document : leave-out (ne pas envoyer) ou send-without (envoyer sans).',
  })
  whenMissing: CategoryChoice['whenMissing'] = 'leave-out';
}

const LINES = `Indiquez de 1 à ${String(MOST_LINES)} numéros de relances.`;

/** The list of a draft that a page asks for; its lines come beside it. */
export class DraftInput {
  @IsList()
  list: ReminderList;
}

/** A campaign as a program asks for it. */
export class CampaignInput {
  @IsList()
  list: ReminderList;

  @IsArray({ message: LINES })
  @ArrayMaxSize(MOST_LINES, { message: LINES })
  @IsString({ each: true, message: LINES })
  @MaxLength(200, { each: true, message: LINES })
  lines: string[];

  @IsOptional()
  @IsObject({ message: 'Les paramètres sont un objet JSON.' })
  @ValidateNested()
  @Type(() => SettingsInput)
  settings?: SettingsInput;

  @IsOptional()
  @IsObject({ message: 'La pièce nominative est un objet JSON.' })
  @ValidateNested()
  @Type(() => CategoryInput)
  attachment?: CategoryInput;
}

class PageInput {
  @IsPageSize('d’éléments')
  limit = 50;

  @IsPosition()
  atLeast?: string;
}

export class CampaignListInput extends PageInput {
  @IsOptional()
  @Matches(/^[0-9a-f-]{36}$/, { message: 'La suite de la liste est celle de la page précédente.' })
  after?: string;
}

const OUTCOMES: readonly (LetterOutcome | 'pending')[] = ['submitted', 'failed', 'skipped', 'pending'];
const FROM = 'La première ligne est un nombre entier, à partir de 0.';

export class CampaignLettersInput extends PageInput {
  @IsOptional()
  @IsIn(OUTCOMES, { message: `Ce résultat est inconnu : choisissez parmi ${OUTCOMES.join(', ')}.` })
  outcome?: LetterOutcome | 'pending';

  @AsNumber()
  @IsInt({ message: FROM })
  @Min(0, { message: FROM })
  from = 0;
}
