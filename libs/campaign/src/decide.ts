import { currentLegalProfile } from '#libs/legal-profile';
import type { Decider } from '#libs/letter';
import type { CampaignCommand, CampaignCommandOf, LetterToList } from './commands.js';
import {
  settingTemplates,
  type CampaignEvent,
  type CampaignEventOf,
  type LetterResult,
  type ListedLetter,
  type ResultCounts,
} from './events.js';
import { refused, type CampaignRefusal, type CampaignRefusalCode } from './refusals.js';
import { evolve, initial, type Campaign, type CampaignIn } from './state.js';

type Decision = readonly CampaignEvent[] | CampaignRefusal;

/** Lines of one campaign at most. */
export const MOST_LINES = 2_000;
/** Files from disk of one campaign at most: with the letter and the filed document they are ten, as many as a letter takes. */
export const MOST_FILES = 8;
/**
 * Letters of one `list` command: with the longest names and addresses that the edges let in they are half of the 1 MiB that
 * EventStoreDB takes in one append.
 */
export const LETTERS_PER_LISTING = 250;

function decide(state: Campaign, command: CampaignCommand): Decision {
  if (command.type === 'draft') return draft(state, command);
  if (state.status === 'unknown') return refused('UNKNOWN_CAMPAIGN');
  if (command.type === 'settle') return settle(state, command);
  if (state.status !== 'draft') return isFulfilled(state, command) ? [] : refused(closedBecause(state));
  switch (command.type) {
    case 'chooseSettings':
      return chooseSettings(state, command);
    case 'chooseCategory':
      return chooseCategory(state, command);
    case 'attachFile':
      return attachFile(state, command);
    case 'removeFile':
      return removeFile(state, command);
    case 'select':
      return select(state, command);
    case 'list':
      return list(state, command);
    case 'start':
      return start(state, command);
    case 'abandon':
      return [{ type: 'CampaignAbandoned', data: { at: command.at } }];
  }
}

/** Whoever presses « Envoyer » or « Abandonner » twice has done it once. */
function isFulfilled({ status }: Campaign, { type }: CampaignCommand): boolean {
  return status === 'abandoned' ? type === 'abandon' : type === 'start' || type === 'list';
}

const closedBecause = ({ status }: Campaign): CampaignRefusalCode =>
  status === 'abandoned' ? 'CAMPAIGN_ABANDONED' : 'CAMPAIGN_STARTED';

function draft(state: Campaign, { agencyId, list: from, lines, at }: CampaignCommandOf<'draft'>): Decision {
  const once = [...new Set(lines)];
  if (state.status !== 'unknown') {
    const isSame = state.agencyId === agencyId && state.list === from && isSameOrder(state.lines, once);
    return isSame ? [] : refused('CAMPAIGN_ALREADY_DRAFTED');
  }
  if (once.length === 0) return refused('NO_LINE');
  if (once.length > MOST_LINES) return refused('TOO_MANY_LINES');
  return [{ type: 'CampaignDrafted', data: { agencyId, list: from, lines: once, at } }];
}

const isSameOrder = <Item>(left: readonly Item[], right: readonly Item[]): boolean =>
  left.length === right.length && left.every((item, index) => item === right[index]);

function chooseSettings({ settings }: CampaignIn<'draft'>, command: CampaignCommandOf<'chooseSettings'>): Decision {
  const { otp, retentionDays, alertDays, templates, agencyEmail, professionalsOnly, at } = command;
  const fault = faultOfDays(retentionDays, alertDays, professionalsOnly);
  if (fault) return refused(fault);
  const isSame =
    settings?.otp === otp &&
    settings.retentionDays === retentionDays &&
    settings.alertDays === alertDays &&
    settings.agencyEmail === agencyEmail &&
    settingTemplates.every((kind) => settings.templates[kind] === templates[kind]);
  if (isSame) return [];
  const data = { otp, retentionDays, alertDays, templates, at };
  return [{ type: 'CampaignSettingsChosen', data, personal: { agencyEmail } }];
}

function faultOfDays(retention: number, alert: number, professionalsOnly: boolean): CampaignRefusalCode | undefined {
  const { longestWindowDays, windowDays, shorterWindow } = currentLegalProfile;
  if (!Number.isInteger(retention) || retention < 1 || retention > longestWindowDays) return 'RETENTION_OUT_OF_RANGE';
  const mayBeShorter = professionalsOnly ? shorterWindow.professional : shorterWindow.nonProfessional;
  if (retention < windowDays && !mayBeShorter) return 'RETENTION_TOO_SHORT';
  return Number.isInteger(alert) && alert >= 0 && alert < retention ? undefined : 'ALERT_OUT_OF_RANGE';
}

function chooseCategory({ category }: CampaignIn<'draft'>, command: CampaignCommandOf<'chooseCategory'>): Decision {
  const { choice, at } = command;
  const isSame = category?.category === choice?.category && category?.whenMissing === choice?.whenMissing;
  return isSame ? [] : [{ type: 'CampaignCategoryChosen', data: { choice, at } }];
}

function attachFile({ files }: CampaignIn<'draft'>, command: CampaignCommandOf<'attachFile'>): Decision {
  const { name, sha256, size, pages, at } = command;
  if (files.some((file) => file.sha256 === sha256)) return [];
  if (files.length >= MOST_FILES) return refused('TOO_MANY_FILES');
  return [{ type: 'CampaignFileAttached', data: { sha256, size, pages, at }, personal: { name } }];
}

function removeFile({ files }: CampaignIn<'draft'>, { sha256, at }: CampaignCommandOf<'removeFile'>): Decision {
  if (files.every((file) => file.sha256 !== sha256)) return [];
  return [{ type: 'CampaignFileRemoved', data: { sha256, at } }];
}

/** What is ticked and unticked at once is ticked; rows that do not exist do not count. */
function select(state: CampaignIn<'draft'>, command: CampaignCommandOf<'select'>): Decision {
  const wanted = new Set(command.ticked);
  const ticked = [...wanted].filter((row) => state.unticked.has(row));
  const unticked = [...new Set(command.unticked)].filter(
    (row) => row in state.lines && !wanted.has(row) && !state.unticked.has(row),
  );
  if (ticked.length + unticked.length === 0) return [];
  return [{ type: 'CampaignSelectionChanged', data: { ticked, unticked, at: command.at } }];
}

function list(state: CampaignIn<'draft'>, { listing, letters, at }: CampaignCommandOf<'list'>): Decision {
  const isKnown = ({ row }: LetterToList): boolean => state.listing === listing && state.letters.has(row);
  const fresh = letters.filter((letter) => letter.row in state.lines && !isKnown(letter));
  if (fresh.length === 0) return [];
  const people = fresh.map(({ person }) => person);
  return [
    { type: 'CampaignLettersListed', data: { listing, letters: fresh.map(withoutPerson), at }, personal: { people } },
  ];
}

function withoutPerson({ person: _person, ...letter }: LetterToList): ListedLetter {
  return letter;
}

function start(state: CampaignIn<'draft'>, command: CampaignCommandOf<'start'>): Decision {
  const { listing, agencyCode, senderName, at } = command;
  const { settings, unticked } = state;
  if (!settings) return refused('SETTINGS_MISSING');
  const rows = state.lines.map((_line, row) => row).filter((row) => !unticked.has(row));
  const letters = rows.flatMap((row) => state.letters.get(row) ?? []);
  if (state.listing !== listing || letters.length < rows.length) return refused('LISTING_OUTDATED');
  const sendable = letters.filter(({ obstacle }) => obstacle === undefined);
  if (sendable.length === 0) return refused('NOTHING_TO_SEND');
  const professionalsOnly = sendable.every(({ professional }) => professional);
  const fault = faultOfDays(settings.retentionDays, settings.alertDays, professionalsOnly);
  if (fault) return refused(fault);
  const started: CampaignEvent = {
    type: 'CampaignStarted',
    data: { agencyCode, letters: letters.length, at },
    personal: { senderName },
  };
  const skipped = letters.flatMap(({ row, obstacle }): LetterResult[] =>
    obstacle === undefined ? [] : [{ row, outcome: 'skipped', reason: obstacle }],
  );
  if (skipped.length === 0) return [started];
  return [started, { type: 'CampaignLettersSettled', data: { results: skipped, at } }];
}

/** Of a letter that has its result, or is none of the campaign's, there is nothing to tell; the last result ends the campaign. */
function settle(state: Exclude<Campaign, { status: 'unknown' }>, command: CampaignCommandOf<'settle'>): Decision {
  if (state.status === 'finished') return [];
  if (state.status !== 'running') return refused('CAMPAIGN_NOT_STARTED');
  const fresh = new Map<number, LetterResult>();
  for (const result of command.results) {
    const isNew = state.letters.has(result.row) && !state.results.has(result.row) && !fresh.has(result.row);
    if (isNew) fresh.set(result.row, result);
  }
  if (fresh.size === 0) return [];
  const { at } = command;
  const results = [...fresh.values()];
  const told: CampaignEvent = { type: 'CampaignLettersSettled', data: { results, at } };
  if (state.results.size + fresh.size < state.letters.size) return [told];
  return [told, finished([...state.results.values(), ...results], at)];
}

function finished(results: readonly LetterResult[], at: string): CampaignEventOf<'CampaignFinished'> {
  return { type: 'CampaignFinished', data: { ...countsOf(results), at } };
}

/** How many letters came to which outcome. */
export function countsOf(results: Iterable<LetterResult>): ResultCounts {
  const counts = { submitted: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return counts;
}

/** What an agency sends in one go: from ticked lines to a result for each. */
export const campaign: Decider<Campaign, CampaignCommand, CampaignEvent, CampaignRefusalCode> = {
  initial,
  decide,
  evolve,
};
