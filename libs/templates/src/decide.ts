import type { Decider, Instant } from '#libs/letter';
import type { TemplateCommand, TemplateCommandOf } from './commands.js';
import type { TemplateEvent } from './events.js';
import { describeKind } from './kinds.js';
import { refused, type TemplateRefusal, type TemplateRefusalCode } from './refusals.js';
import { textFault } from './rules.js';
import { builtIn, defaultTemplate, evolve, initial, keyOf, templateNamed, templatesOfKind } from './state.js';
import type { Templates } from './state.js';

type Decision = readonly TemplateEvent[] | TemplateRefusal;

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,39}$/u;
const RESERVED = /^PLI_/i;
const MOST_OF_A_KIND = 50;
const LONGEST_SUBJECT = 200;
const LONGEST_BODY = 20_000;
/** Trials of an agency within this time, in milliseconds. */
const MOST_TRIALS = 5;
const TRIAL_PERIOD = 10 * 60_000;

function decide(state: Templates, command: TemplateCommand): Decision {
  switch (command.type) {
    case 'createTemplate':
    case 'saveTemplate':
      return save(state, command);
    case 'removeTemplate':
      return remove(state, command);
    case 'resetTemplate':
      return reset(state, command);
    case 'chooseDefault':
      return chooseDefault(state, command);
    case 'reportFailure':
      return reportFailure(state, command);
    case 'requestTrial':
      return requestTrial(state, command);
    case 'confirmTrial':
    case 'failTrial':
      return settleTrial(state, command);
  }
}

/** Commands on a template carry which one it is; its events do so, too. */
function named({
  agencyId,
  kind,
  name,
  at,
}: TemplateCommandOf<
  | 'removeTemplate'
  | 'createTemplate'
  | 'saveTemplate'
  | 'reportFailure'
  | 'requestTrial'
  | 'resetTemplate'
  | 'chooseDefault'
>) {
  return { agencyId, kind, name, at };
}

function save(state: Templates, command: TemplateCommandOf<'createTemplate' | 'saveTemplate'>): Decision {
  const fault = faultOf(state, command);
  if (fault) return refused(fault);
  const { kind, name, subject, body } = command;
  const known = templateNamed(state, kind, name);
  if (known && known.subject === (subject ?? '') && known.body === body) return [];
  if (known && command.type === 'createTemplate') return refused('TEMPLATE_NAME_TAKEN');
  const text = subject === undefined ? { body } : { subject, body };
  return [{ type: 'TemplateSaved', data: { ...named(command), ...text } }];
}

function faultOf(
  state: Templates,
  command: TemplateCommandOf<'createTemplate' | 'saveTemplate'>,
): TemplateRefusalCode | null {
  const { kind, name, subject, body, reading, sender } = command;
  const { medium, mustPrint } = describeKind(kind);
  const isKnown = templateNamed(state, kind, name) !== undefined;
  if (!NAME.test(name)) return 'TEMPLATE_NAME_MALFORMED';
  if (!isKnown && RESERVED.test(name)) return 'TEMPLATE_NAME_RESERVED';
  if (!isKnown && templatesOfKind(state, kind).length >= MOST_OF_A_KIND) return 'TOO_MANY_TEMPLATES';
  if (medium !== 'sms' && !subject?.trim()) return 'SUBJECT_MISSING';
  if (subject !== undefined && subject.length > LONGEST_SUBJECT) return 'SUBJECT_TOO_LONG';
  if (body.trim() === '') return 'BODY_MISSING';
  if (body.length > LONGEST_BODY) return 'BODY_TOO_LONG';
  for (const [field, missing] of Object.entries(mustPrint)) if (!reading.prints.has(field)) return missing;
  return textFault(kind, reading.example, sender);
}

/** Whoever removes the default one has the built-in one as default again. */
function remove(state: Templates, command: TemplateCommandOf<'removeTemplate'>): Decision {
  const { kind, name } = command;
  const original = builtIn(kind).name;
  if (name === original) return refused('BUILT_IN_TEMPLATE');
  if (!state.saved.has(keyOf(kind, name))) return refused('UNKNOWN_TEMPLATE');
  const removed: TemplateEvent = { type: 'TemplateRemoved', data: named(command) };
  if (defaultTemplate(state, kind).name !== name) return [removed];
  return [removed, { type: 'DefaultTemplateChosen', data: { ...named(command), name: original } }];
}

function reset(state: Templates, command: TemplateCommandOf<'resetTemplate'>): Decision {
  const { kind, name } = command;
  const template = templateNamed(state, kind, name);
  if (!template) return refused('UNKNOWN_TEMPLATE');
  if (!template.isBuiltIn) return refused('NOT_BUILT_IN');
  return template.savedAt === null ? [] : [{ type: 'TemplateReset', data: named(command) }];
}

function chooseDefault(state: Templates, command: TemplateCommandOf<'chooseDefault'>): Decision {
  const { kind, name } = command;
  if (!templateNamed(state, kind, name)) return refused('UNKNOWN_TEMPLATE');
  if (defaultTemplate(state, kind).name === name) return [];
  return [{ type: 'DefaultTemplateChosen', data: named(command) }];
}

/** The first failure since it was saved is told, not that of each of a thousand letters; nor one of what is gone meanwhile. */
function reportFailure(state: Templates, command: TemplateCommandOf<'reportFailure'>): Decision {
  const template = state.saved.get(keyOf(command.kind, command.name));
  if (!template || template.failure) return [];
  const { reason, letterId } = command;
  return [{ type: 'TemplateFailed', data: { ...named(command), reason, letterId } }];
}

function requestTrial(state: Templates, command: TemplateCommandOf<'requestTrial'>): Decision {
  const { kind, name, trial, to, at } = command;
  if (!templateNamed(state, kind, name)) return refused('UNKNOWN_TEMPLATE');
  if (describeKind(kind).medium !== 'mail') return refused('NO_TRIAL');
  if (state.trials.some((one) => one.trial === trial)) return [];
  const isRecent = (asked: Instant): boolean => Date.parse(at) - Date.parse(asked) < TRIAL_PERIOD;
  if (state.trials.filter((one) => isRecent(one.at)).length >= MOST_TRIALS) return refused('TOO_MANY_TRIALS');
  return [{ type: 'TrialRequested', data: { ...named(command), trial }, personal: { to } }];
}

function settleTrial(state: Templates, command: TemplateCommandOf<'confirmTrial' | 'failTrial'>): Decision {
  const { agencyId, trial, at } = command;
  const asked = state.trials.find((one) => one.trial === trial);
  if (!asked) return refused('UNKNOWN_TRIAL');
  if (asked.outcome !== 'pending') return [];
  if (command.type === 'confirmTrial') return [{ type: 'TrialSent', data: { agencyId, trial, at } }];
  return [{ type: 'TrialFailed', data: { agencyId, trial, code: command.code, at } }];
}

/** The templates of an agency: what its e-mails, SMS and letters of reminder say. */
export const templates: Decider<Templates, TemplateCommand, TemplateEvent, TemplateRefusalCode> = {
  initial,
  decide,
  evolve,
};
