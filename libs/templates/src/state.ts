import type { Instant } from '#libs/letter';
import type { TemplateEvent, TemplateEventOf, TemplateFailure } from './events.js';
import { describeKind, templateKinds, type TemplateKind } from './kinds.js';

/** A template as an agency has it. */
export interface Template {
  readonly kind: TemplateKind;
  readonly name: string;
  /** Empty for what has none. */
  readonly subject: string;
  readonly body: string;
  /** Whether its name is one that Pli comes with; it can be changed, not removed. */
  readonly isBuiltIn: boolean;
  /** When the agency last saved it; null for a built-in one that has its own text. */
  readonly savedAt: Instant | null;
  /** Why it could not be used for a letter since it was saved. */
  readonly failure: { readonly reason: TemplateFailure; readonly letterId: string; readonly at: Instant } | null;
}

/** A template that somebody asked to have sent to himself. */
export interface Trial {
  readonly trial: string;
  readonly at: Instant;
  readonly outcome: 'pending' | 'sent' | 'failed';
}

export interface Templates {
  /** What the agency saved, by `keyOf`. */
  readonly saved: ReadonlyMap<string, Template>;
  /** Names, by kind; a kind that is absent has the built-in one. */
  readonly defaults: ReadonlyMap<TemplateKind, string>;
  /** The last ones, oldest first. */
  readonly trials: readonly Trial[];
}

/** Trials that are remembered: more than may be asked for in the time that counts. */
const REMEMBERED_TRIALS = 20;

export const initial: Templates = { saved: new Map(), defaults: new Map(), trials: [] };

/** No name holds a slash. */
export const keyOf = (kind: TemplateKind, name: string): string => `${kind}/${name}`;

/** Stored events that this version has no templates for: the stream was altered, or belongs to another type. */
export class BrokenTemplateHistory extends Error {
  readonly code = 'BROKEN_HISTORY';

  constructor(type: string) {
    super(`An agency's templates cannot have ${type}: verify the stream against its chain before using it.`);
    this.name = 'BrokenTemplateHistory';
  }
}

/** Folds one event into the templates. Throws `BrokenTemplateHistory` on an event that cannot follow. */
export function evolve(state: Templates, event: TemplateEvent): Templates {
  switch (event.type) {
    case 'TemplateSaved':
      return withTemplate(state, saved(event));
    case 'TemplateRemoved':
    case 'TemplateReset':
      return withoutTemplate(state, event.data);
    case 'DefaultTemplateChosen':
      return { ...state, defaults: new Map(state.defaults).set(event.data.kind, event.data.name) };
    case 'TemplateFailed': {
      const { kind, name, reason, letterId, at } = event.data;
      const template = state.saved.get(keyOf(kind, name));
      if (!template) throw new BrokenTemplateHistory(event.type);
      return withTemplate(state, { ...template, failure: { reason, letterId, at } });
    }
    case 'TrialRequested': {
      const { trial, at } = event.data;
      return {
        ...state,
        trials: [...state.trials, { trial, at, outcome: 'pending' } as const].slice(-REMEMBERED_TRIALS),
      };
    }
    case 'TrialSent':
    case 'TrialFailed': {
      const outcome = event.type === 'TrialSent' ? 'sent' : 'failed';
      const trials = state.trials.map((one) => (one.trial === event.data.trial ? ({ ...one, outcome } as const) : one));
      return { ...state, trials };
    }
    default:
      return neverHappens(event);
  }
}

function saved({ data }: TemplateEventOf<'TemplateSaved'>): Template {
  const { kind, name, subject = '', body, at } = data;
  const isBuiltIn = describeKind(kind).builtIn.name === name;
  return { kind, name, subject, body, isBuiltIn, savedAt: at, failure: null };
}

const withTemplate = (state: Templates, template: Template): Templates => ({
  ...state,
  saved: new Map(state.saved).set(keyOf(template.kind, template.name), template),
});

function withoutTemplate(state: Templates, { kind, name }: { kind: TemplateKind; name: string }): Templates {
  const left = new Map(state.saved);
  left.delete(keyOf(kind, name));
  return { ...state, saved: left };
}

/** Makes an event type that `evolve` forgets a compile error. */
function neverHappens(event: never): never {
  throw new BrokenTemplateHistory((event as TemplateEvent).type);
}

/** The template that Pli comes with, as it is when nobody changed it. */
export function builtIn(kind: TemplateKind): Template {
  const { name, subject = '', body } = describeKind(kind).builtIn;
  return { kind, name, subject, body, isBuiltIn: true, savedAt: null, failure: null };
}

/** A template by its name; undefined where the agency has none of it. */
export function templateNamed(state: Templates, kind: TemplateKind, name: string): Template | undefined {
  const original = builtIn(kind);
  return state.saved.get(keyOf(kind, name)) ?? (original.name === name ? original : undefined);
}

/** The template that is used where none is named. */
export function defaultTemplate(state: Templates, kind: TemplateKind): Template {
  const chosen = state.defaults.get(kind);
  return (
    (chosen === undefined ? undefined : templateNamed(state, kind, chosen)) ??
    templateNamed(state, kind, describeKind(kind).builtIn.name) ??
    builtIn(kind)
  );
}

/** The template for a letter: the one that it names while there is one, else the default. */
export const templateFor = (state: Templates, kind: TemplateKind, name: string | undefined): Template =>
  (name === undefined ? undefined : templateNamed(state, kind, name)) ?? defaultTemplate(state, kind);

/** All templates of a kind: the built-in one first, the others by name. */
export function templatesOfKind(state: Templates, kind: TemplateKind): readonly Template[] {
  const original = describeKind(kind).builtIn.name;
  const others = [...state.saved.values()].filter((one) => one.kind === kind && one.name !== original);
  const first = templateNamed(state, kind, original) ?? builtIn(kind);
  return [first, ...others.toSorted((one, other) => one.name.localeCompare(other.name, 'fr'))];
}

/** Every kind, in the order in which they are listed. */
export const kinds = Object.keys(templateKinds) as TemplateKind[];
