import { Transform } from 'class-transformer';
import { IsOptional, IsString, Length, MaxLength, ValidateBy, type ValidationArguments } from 'class-validator';
import { letterOf, type ScreenWithLetter } from './screen.js';
import { fullName, type View } from './views.js';

const trimmed = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() || undefined : value;
const Trimmed = () => Transform(trimmed);

const FrenchPostcode = () =>
  ValidateBy({
    name: 'frenchPostcode',
    validator: {
      validate: (value: unknown, args?: ValidationArguments) =>
        (args?.object as PaperForm).pays !== undefined || /^\d{5}$/.test(String(value)),
      defaultMessage: () => 'Un code postal français a cinq chiffres : corrigez-le ou indiquez le pays.',
    },
  });

/** Where the recipient wants the letter on paper. */
export class PaperForm {
  @Trimmed()
  @IsString({ message: 'Indiquez le numéro et la voie, sur une ligne de 120 caractères au plus.' })
  @Length(1, 120, { message: 'Indiquez le numéro et la voie, sur une ligne de 120 caractères au plus.' })
  voie: string;

  @IsOptional()
  @Trimmed()
  @MaxLength(120, { message: 'Le complément d’adresse tient sur une ligne de 120 caractères au plus.' })
  complement?: string;

  @Trimmed()
  @FrenchPostcode()
  @IsString({ message: 'Indiquez le code postal, de 12 caractères au plus.' })
  @Length(1, 12, { message: 'Indiquez le code postal, de 12 caractères au plus.' })
  codePostal: string;

  @Trimmed()
  @IsString({ message: 'Indiquez la ville, sur une ligne de 80 caractères au plus.' })
  @Length(1, 80, { message: 'Indiquez la ville, sur une ligne de 80 caractères au plus.' })
  ville: string;

  @IsOptional()
  @Trimmed()
  @MaxLength(60, { message: 'Le pays tient sur une ligne de 60 caractères au plus.' })
  pays?: string;
}

/** What stands in the window of the envelope. */
export const envelopeAddress = (name: string, { voie, complement, codePostal, ville, pays }: PaperForm): string =>
  [name, complement, voie, `${codePostal} ${ville}`, pays]
    .filter((line) => line !== undefined && line !== '')
    .join('\n');

/** The page on which paper is asked for; what was filled in and is wrong comes back. */
export function paperView(screen: ScreenWithLetter, form: object = {}, faultOf: object = {}): View {
  const { terms, parties, printJobs } = letterOf(screen);
  const job = printJobs.findLast(({ by }) => by === 'recipient');
  return {
    template: 'papier',
    data: {
      title: 'Recevoir la lettre sur papier',
      reference: terms.reference,
      name: fullName(parties.recipient),
      form,
      faultOf,
      asked: job && { at: job.requestedAt, sent: job.status === 'dispatched' ? job.trackingNumber : undefined },
      mayAsk: !printJobs.some(({ status }) => status === 'waiting' || status === 'prepared'),
    },
  };
}
