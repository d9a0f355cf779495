import { IsEmail, IsIn, IsString, Length, MaxLength } from 'class-validator';
import type { UserRole } from '#libs/directory';
import { ROLES } from './roles.js';

const ROLE = 'Choisissez un rôle de la liste.';

export class RoleInput {
  @IsIn(ROLES, { message: ROLE })
  role: UserRole;
}

export class InvitationInput extends RoleInput {
  @MaxLength(254, { message: 'Cette adresse e-mail est trop longue.' })
  @IsEmail({}, { message: 'Cette adresse e-mail n’est pas valable : vérifiez-la, par exemple nom@exemple.fr.' })
  email: string;
}

export class ApiKeyInput {
  @IsString({ message: 'Donnez un nom à la clé.' })
  @Length(1, 60, { message: 'Donnez à la clé un nom de 1 à 60 caractères, par exemple celui du logiciel.' })
  label: string;
}

export class JoiningInput {
  @IsString({ message: 'Indiquez votre nom.' })
  @Length(2, 120, { message: 'Indiquez votre nom, de 2 à 120 caractères.' })
  name: string;
}
