import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';

/** A number, which an address holds as text. */
export const AsNumber = () =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? Number(value) : value));

/** How many rows a page has, from 1 to 100. @param rows `de lettres`, as the sentence has it */
export function IsPageSize(rows: string) {
  const message = `Le nombre ${rows} par page va de 1 à 100.`;
  return applyDecorators(AsNumber(), IsInt({ message }), Min(1, { message }), Max(100, { message }));
}

/** The words of a search. */
export const IsSearch = () =>
  applyDecorators(
    IsOptional(),
    IsString({ message: 'La recherche est un seul texte.' }),
    MaxLength(200, { message: 'La recherche est trop longue : 200 caractères au plus.' }),
  );

/** `next` of the page before. */
export const IsNext = () =>
  applyDecorators(IsOptional(), IsString({ message: 'La suite d’une liste se demande une seule fois.' }));

/** The `Pli-Position` of a command. */
export const IsPosition = () =>
  applyDecorators(
    IsOptional(),
    Matches(/^\d{1,19}-\d{1,19}$/, { message: 'La position est celle d’un en-tête Pli-Position.' }),
  );
