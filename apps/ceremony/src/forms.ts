import { createHash } from 'node:crypto';
import { Transform } from 'class-transformer';
import { IsIn, IsUUID, Matches } from 'class-validator';
import { CURRENT_CONSENT, type ConsentName } from './consent.js';

const withoutBlanks = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' ? value.replace(/[\s.-]/g, '') : value;

/** The code page's form. */
export class CodeForm {
  @Transform(withoutBlanks)
  @Matches(/^\d{6}$/, { message: 'Le code comporte six chiffres : recopiez-le depuis le SMS.' })
  code: string;

  /** Made anew with each page. */
  @IsUUID('all', { message: 'Ce formulaire est incomplet : rechargez la page, puis saisissez de nouveau le code.' })
  formulaire: string;
}

/**
 * Names an attempt for the letter: the same code sent twice from one page is one try, another code from that page (the browser's
 * back button shows it again) is another.
 */
export const attemptOf = ({ formulaire, code }: CodeForm): string =>
  createHash('sha256').update(`${formulaire}/${code}`).digest('hex').slice(0, 32);

/** The signature page's form: it says which consent text was read. */
export class SignatureForm {
  @IsIn([CURRENT_CONSENT], {
    message: 'Le texte à accepter a changé depuis l’affichage de la page : relisez-le ci-dessous avant de signer.',
  })
  consentement: ConsentName;
}
