import type { Instant } from '#libs/letter';
import type { FilePrint, Place } from './events.js';

type Command<Type extends string, Body extends object = object> = { readonly type: Type; readonly at: Instant } & Body;

/** A file with the name that people know it by. */
export type NamedFile = FilePrint & { readonly name: string };

export type FiledDocumentCommand =
  | Command<'fileDocument', { readonly agencyId: string; readonly file: NamedFile } & Place>
  /** Another file takes the place of the one that is filed. */
  | Command<'replaceDocument', { readonly file: NamedFile }>
  | Command<'removeDocument'>;

export type FiledDocumentCommandOf<Type extends FiledDocumentCommand['type']> = Extract<
  FiledDocumentCommand,
  { type: Type }
>;
