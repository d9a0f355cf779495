import { IsDefined, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsPosition } from '../lists/list-input.js';

const SUBJECT_TOO_LONG = 'L’objet dépasse 200 caractères : raccourcissez-le.';
const BODY_TOO_LONG = 'Le texte dépasse 20 000 caractères : raccourcissez-le.';

/** The texts of a template, of the form and of the API alike. What they may say is the domain's affair. */
export class TemplateTextInput {
  /** Absent for an SMS. */
  @IsOptional()
  @IsString({ message: 'L’objet doit être un texte.' })
  @MaxLength(200, { message: SUBJECT_TOO_LONG })
  subject?: string;

  @IsDefined({ message: 'Le texte manque : écrivez-le.' })
  @IsString({ message: 'Le texte manque : écrivez-le.' })
  @MaxLength(20_000, { message: BODY_TOO_LONG })
  body: string;
}

/** The query of the list. */
export class TemplateListInput {
  @IsPosition()
  atLeast?: string;
}
