import type { CatalogueEntry, Event, Instant } from '#libs/letter';
import type { TextFault } from './rules.js';
import type { TemplateKind } from './kinds.js';

type At = { readonly at: Instant };

/** Which template of an agency. */
interface Named {
  readonly agencyId: string;
  readonly kind: TemplateKind;
  readonly name: string;
}

/** Why a template was not used for a letter: what its text turned out to be, or that it could not be rendered at all. */
export type TemplateFailure = TextFault | 'RENDERING_FAILED';

/** The events of an agency's templates, stream `templates-<agency id>`. Stored names and shapes are a public contract. */
export type TemplateEvent =
  | Event<'TemplateSaved', Named & { readonly subject?: string; readonly body: string } & At>
  | Event<'TemplateRemoved', Named & At>
  /** A built-in template has its own text again. */
  | Event<'TemplateReset', Named & At>
  | Event<'DefaultTemplateChosen', Named & At>
  /** A letter was sent with the built-in text instead. */
  | Event<'TemplateFailed', Named & { readonly reason: TemplateFailure; readonly letterId: string } & At>
  /** Somebody wants to see the template in his own mailbox. */
  | Event<'TrialRequested', Named & { readonly trial: string } & At, { readonly to: string }>
  | Event<'TrialSent', { readonly agencyId: string; readonly trial: string } & At>
  | Event<'TrialFailed', { readonly agencyId: string; readonly trial: string; readonly code: number } & At>;

export type TemplateEventType = TemplateEvent['type'];
export type TemplateEventOf<Type extends TemplateEventType> = Extract<TemplateEvent, { type: Type }>;

/** Current schema of each event type and the steps from older ones. A schema once released is never edited. */
export const templateCatalogue = {
  TemplateSaved: { schema: 1, upcast: {} },
  TemplateRemoved: { schema: 1, upcast: {} },
  TemplateReset: { schema: 1, upcast: {} },
  DefaultTemplateChosen: { schema: 1, upcast: {} },
  TemplateFailed: { schema: 1, upcast: {} },
  TrialRequested: { schema: 1, upcast: {} },
  TrialSent: { schema: 1, upcast: {} },
  TrialFailed: { schema: 1, upcast: {} },
} satisfies Record<TemplateEventType, CatalogueEntry>;
