import type { Instant, Sender } from '#libs/letter';
import type { TemplateFailure } from './events.js';
import type { TemplateKind } from './kinds.js';
import type { Rendered } from './rules.js';

type Command<Type extends string, Body extends object = object> = {
  readonly type: Type;
  readonly agencyId: string;
  readonly at: Instant;
} & Body;
type Named = { readonly kind: TemplateKind; readonly name: string };

/** What was found when the template was compiled: without it nothing is saved. */
export interface Reading {
  /** Fields that the body prints outside of every condition and list. */
  readonly prints: ReadonlySet<string>;
  /** The template filled in with the example of its kind. */
  readonly example: Rendered;
}

type Saving = Named & {
  /** Only e-mails have one; the title of a letter. */
  readonly subject?: string | undefined;
  readonly body: string;
  readonly reading: Reading;
  /** Whom a notice must not name. */
  readonly sender: Sender;
};

export type TemplateCommand =
  /** A new template: refused where another one has the name. */
  | Command<'createTemplate', Saving>
  /** The template is to say this, whether there is one of the name or not. */
  | Command<'saveTemplate', Saving>
  | Command<'removeTemplate', Named>
  | Command<'resetTemplate', Named>
  | Command<'chooseDefault', Named>
  | Command<'reportFailure', Named & { readonly reason: TemplateFailure; readonly letterId: string }>
  | Command<'requestTrial', Named & { readonly trial: string; readonly to: string }>
  | Command<'confirmTrial', { readonly trial: string }>
  | Command<'failTrial', { readonly trial: string; readonly code: number }>;

export type TemplateCommandOf<Type extends TemplateCommand['type']> = Extract<TemplateCommand, { type: Type }>;
