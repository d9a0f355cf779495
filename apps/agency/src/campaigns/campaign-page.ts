import {
  campaignStatusLabels,
  countsOf,
  outcomeLabels,
  settingTemplates,
  type CampaignIn,
  type SettingTemplate,
} from '#libs/campaign';
import { categoryLabels, documentCategories } from '#libs/filing';
import { currentLegalProfile, dayOf, lastDay } from '#libs/legal-profile';
import { listLabels } from '#libs/reminders';
import { dates, type FieldFault } from '#libs/web';
import type { CampaignLetterRow, CampaignRow } from '#projections/campaigns';
import type { KindOfTemplates } from '#projections/templates';
import { inFrench } from '../credits/credits.js';
import { sizeInWords } from '../letters/letter-page.js';
import { lineAddress } from '../reminders/reminder-answers.js';
import { sentenceOfReason, type Recap, type RecapRow } from './recap.js';
import type { SettingsTexts } from './settings-form.js';
import type { OwnCampaign } from './wizard.js';

type Shown = Record<string, unknown>;

/** The steps of the wizard (manual IV, three screens), and where each one is. */
const STEPS = [
  { name: 'Paramétrages d’envoi', path: 'parametres' },
  { name: 'Pièces jointes', path: 'pieces' },
  { name: 'Récapitulatif de l’envoi', path: 'recapitulatif' },
] as const;

export const campaignAddress = (campaignId: string): string => `/envois/${campaignId}`;

/** What every step shows of its campaign. @param step 1, 2 or 3. */
export function stepPage({ campaignId, state }: OwnCampaign, step: 1 | 2 | 3): Shown & { title: string } {
  const { name } = STEPS[step - 1] ?? STEPS[0];
  const address = campaignAddress(campaignId);
  return {
    title: `Étape ${String(step)}/3 : ${name}`,
    list: listLabels[state.list],
    address,
    steps: STEPS.map((each, index) => ({
      ...each,
      href: `${address}/${each.path}`,
      current: index === step - 1,
      // The later steps need the settings of the first one.
      open: index !== step - 1 && (index === 0 || state.settings !== null),
    })),
  };
}

/** The labels of the six templates, as the manual's first screen has them. */
const TEMPLATE_LABELS: Readonly<Record<SettingTemplate, string>> = {
  'mail-signature': 'E-mail de signature',
  'mail-signed-documents': 'E-mail contenant les documents signés',
  'mail-confirmation': 'Confirmation de signature à l’agence',
  'mail-refusal': 'Refus de signature à l’agence',
  'mail-deposit-proof': 'E-mail de preuve de dépôt',
  'mail-expiry': 'E-mail en cas de délai dépassé',
};

/** The first step's form. `now` is the moment from which « Jusqu’au … » is counted. */
export function settingsPage(
  form: SettingsTexts,
  faults: readonly FieldFault[],
  { known, now }: { readonly known: readonly KindOfTemplates[]; readonly now: string },
): Shown {
  const days = Number(form.retentionDays ?? '');
  const isPossible = Number.isInteger(days) && days > 0 && days <= currentLegalProfile.longestWindowDays;
  return {
    form,
    faults,
    faultOf: Object.fromEntries(faults.map(({ field, message }) => [field, message])),
    today: dayOf(currentLegalProfile.zone, now),
    until: isPossible ? lastDay(currentLegalProfile, now, days) : undefined,
    templates: settingTemplates.map((kind) => ({
      kind,
      label: TEMPLATE_LABELS[kind],
      choices: templateChoices(known.find((each) => each.kind === kind)?.templates ?? [], form[kind]),
    })),
  };
}

/** A template that was removed since it was chosen gives way to the default. */
function templateChoices(known: KindOfTemplates['templates'], chosen: string | undefined) {
  const isKnown = known.some(({ name }) => name === chosen);
  return known.map(({ name, isDefault }) => ({ name, selected: isKnown ? name === chosen : isDefault }));
}

/** The second step. @param recap tells for whom nothing of the chosen category is filed. */
export function attachmentsPage({ campaignId, state }: OwnCampaign<CampaignIn<'draft'>>, recap: Recap): Shown {
  const { category, files } = state;
  const lacking = recap.rows.filter(({ lacksFiled, ticked }) => lacksFiled && ticked);
  return {
    categories: documentCategories.map((value) => ({
      value,
      label: categoryLabels[value],
      selected: category?.category === value,
    })),
    hasNoCategory: category === null,
    leavesOut: category?.whenMissing !== 'send-without',
    category: category && {
      label: categoryLabels[category.category],
      found: recap.rows.length - recap.rows.filter(({ lacksFiled }) => lacksFiled).length,
      recipients: recap.rows.length,
      lacking: lacking.slice(0, MOST_NAMED).map(({ letter }) => letter.person.name || letter.partyCode),
      others: Math.max(0, lacking.length - MOST_NAMED),
    },
    files: files.map((file) => ({
      ...file,
      weight: sizeInWords(file.size),
      href: `${campaignAddress(campaignId)}/pieces/${file.sha256}`,
    })),
  };
}

/** Recipients without a document that are named one by one. */
const MOST_NAMED = 5;

/** Recipients on a page of the recapitulation. */
const ROWS_ON_PAGE = 25;

/** The third step. @param page from 1. */
export function recapPage(
  { campaignId, state }: OwnCampaign<CampaignIn<'draft'>>,
  recap: Recap,
  page: number,
): Shown & { readonly sendable: number } {
  const pages = Math.max(1, Math.ceil(recap.rows.length / ROWS_ON_PAGE));
  const current = Math.min(Math.max(1, page), pages);
  const shown = recap.rows.slice((current - 1) * ROWS_ON_PAGE, current * ROWS_ON_PAGE);
  const obstacles = recap.rows.filter(({ letter, ticked }) => ticked && letter.obstacle !== undefined).length;
  return {
    contents: recap.contents,
    rows: shown.map((row) => rowOf(row, { campaignId, state })),
    recipients: recap.rows.length,
    sendable: recap.sendable,
    obstacles,
    number: current,
    pages,
    isPaged: pages > 1,
    before: current > 1 ? current - 1 : undefined,
    after: current < pages ? current + 1 : undefined,
  };
}

/** One recipient with a row for each of his documents; the acknowledgement is there once the letter is sent. */
function rowOf(row: RecapRow, { campaignId, state }: OwnCampaign<CampaignIn<'draft'>>): Shown {
  const { letter, ticked, letterName, lacksFiled, documents } = row;
  const { filed, obstacle, person, partyCode } = letter;
  const address = campaignAddress(campaignId);
  const canBeShown = obstacle !== 'LINE_UNKNOWN' && obstacle !== 'UNKNOWN_PARTY';
  const all = [
    { name: `AR ${letterName}`, isAcknowledgement: true },
    { name: letterName, href: canBeShown ? `${lineAddress(letter.lineId)}/lettre` : undefined },
    ...(filed ? [{ name: person.filedName ?? 'Document', href: `/documents/${filed.documentId}/fichier` }] : []),
    ...(lacksFiled ? [{ name: `${categoryLabel(state)} : aucun document classé`, isMissing: true }] : []),
    ...state.files.map(({ name, sha256 }) => ({ name, href: `${address}/pieces/${sha256}` })),
  ];
  return {
    row: letter.row,
    ticked,
    number: partyCode || state.lines[letter.row],
    name: person.name || 'Tiers inconnu',
    email: person.email,
    commande: documents,
    obstacle: obstacle && sentenceOfReason(obstacle),
    documents: all,
    spans: all.length,
  };
}

const categoryLabel = ({ category }: CampaignIn<'draft'>): string =>
  category ? categoryLabels[category.category] : '';

/** A campaign as its events tell it, where the list does not know it yet. */
export function rowOfCampaign(campaignId: string, state: CampaignIn<'running' | 'finished'>): CampaignRow {
  const { status, list, lines, draftedAt, startedAt, letters, results } = state;
  const finishedAt = state.status === 'finished' ? state.finishedAt : null;
  const counts = countsOf(results.values());
  return {
    campaignId,
    status,
    list,
    lines: lines.length,
    draftedAt,
    startedAt,
    finishedAt,
    letters: letters.size,
    counts,
  };
}

/** A campaign in the list, and at the head of its own page. */
export function campaignRow(row: CampaignRow): Shown {
  const { campaignId, list, status, lines, letters, counts, draftedAt, startedAt, finishedAt } = row;
  const done = counts.submitted + counts.failed + counts.skipped;
  const total = letters ?? lines;
  return {
    campaignId,
    href: status === 'draft' ? `${campaignAddress(campaignId)}/parametres` : campaignAddress(campaignId),
    list: listLabels[list],
    status: campaignStatusLabels[status],
    tag: TAGS[status],
    isDraft: status === 'draft',
    isRunning: status === 'running',
    isFinished: status === 'finished',
    when: dates.dayAndTime(startedAt ?? draftedAt),
    finished: finishedAt === null ? undefined : dates.dayAndTime(finishedAt),
    total,
    done,
    counts,
    unsent: counts.failed + counts.skipped,
    percent: total === 0 ? 100 : Math.floor((done * 100) / total),
    text: { total: inFrench(total), done: inFrench(done), submitted: inFrench(counts.submitted) },
  };
}

const TAGS = { draft: '', running: 'notified', finished: 'signed', abandoned: '' } as const;
const OUTCOME_TAGS = { submitted: 'signed', failed: 'failed', skipped: 'expired' } as const;

/** What became of one letter, as its campaign's page shows it. */
export function letterRow({ row, lineId, partyCode, name, email, filedName, result }: CampaignLetterRow): Shown {
  return {
    row,
    number: partyCode || lineId,
    name: name === null ? 'Données effacées' : name || 'Tiers inconnu',
    email,
    filedName,
    tag: result ? OUTCOME_TAGS[result.outcome] : '',
    outcome: result ? outcomeLabels[result.outcome] : 'En attente',
    reason: result && result.outcome !== 'submitted' ? sentenceOfReason(result.reason) : undefined,
    reference: result?.outcome === 'submitted' ? result.reference : undefined,
    href: result?.outcome === 'submitted' ? `/lettres/${result.letterId}` : undefined,
  };
}
