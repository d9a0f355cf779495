import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { Filter, Message } from './message.js';

const handlebars = Handlebars.create();
const template = (name: string) =>
  handlebars.compile(readFileSync(new URL(`./pages/${name}.hbs`, import.meta.url), 'utf8'), { strict: true });

const pages = { inbox: template('inbox'), message: template('message'), failure: template('failure') };
handlebars.registerPartial('layout', template('layout'));

const inParis = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat('fr-FR', { timeZone: 'Europe/Paris', ...options });
const DAY = inParis({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const TIME = inParis({ hour: '2-digit', minute: '2-digit', second: '2-digit' });

const KINDS = { mail: 'Courriel', sms: 'SMS' } as const;
const PREVIEW = 180;

/** What the inbox page shows: a page of messages, and how many there are in all. */
export interface Inbox {
  messages: readonly Message[];
  total: number;
  filter: Filter;
}

/** @returns the HTML page that lists messages, newest first, under a heading for each day */
export function inboxPage({ messages, total, filter }: Inbox): string {
  const lines = messages.map(lineOf);
  const days = [...Map.groupBy(lines, ({ day }) => day)].map(([day, ofDay]) => ({ day, lines: ofDay }));
  const oldest = messages.at(-1);
  const filtered = filter.kind !== undefined || filter.to !== undefined;
  return pages.inbox({
    title: 'Boîte de réception',
    days,
    count: total === 1 ? '1 message' : `${total} messages`,
    to: filter.to ?? '',
    kind: filter.kind ?? '',
    tabs: tabsOf(filter),
    filtered,
    live: filter.before === undefined,
    older: oldest && messages.length === filter.limit ? addressOf({ ...filter, before: oldest.id }) : null,
  });
}

function lineOf(message: Message) {
  const { id, kind, to, receivedAt, copy } = message;
  return {
    id,
    kind,
    label: KINDS[kind],
    to,
    receivedAt,
    day: DAY.format(new Date(receivedAt)),
    time: TIME.format(new Date(receivedAt)),
    headline: message.kind === 'sms' ? message.text : message.subject || '(sans objet)',
    preview: message.kind === 'sms' ? '' : message.text.replaceAll(/\s+/g, ' ').trim().slice(0, PREVIEW),
    double: copy > 1 ? `${copy}ᵉ exemplaire` : null,
  };
}

function tabsOf(filter: Filter) {
  const tab = (label: string, kind: Message['kind'] | undefined) => ({
    label,
    address: addressOf({ to: filter.to, kind }),
    current: filter.kind === kind,
  });
  return [tab('Tout', undefined), tab('Courriels', 'mail'), tab('SMS', 'sms')];
}

function addressOf(query: { to?: string | undefined; kind?: string | undefined; before?: number }): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    ['to', 'kind', 'before'].includes(name) && value !== undefined ? [[name, String(value)]] : [],
  );
  return given.length > 0 ? `/?${new URLSearchParams(given).toString()}` : '/';
}

/** @returns the HTML page of one message; the mail's own HTML stays in a frame of its own */
export function messagePage(message: Message, headers: string | null): string {
  const { id, kind, to, text, links, receivedAt } = message;
  const line = lineOf(message);
  return pages.message({
    title: kind === 'sms' ? `SMS au ${to}` : line.headline,
    id,
    label: line.label,
    isMail: message.kind === 'mail',
    heading: message.kind === 'sms' ? `SMS au ${to}` : line.headline,
    from: message.from,
    to,
    text,
    hasHtml: message.html !== null,
    links,
    headers,
    double: line.double,
    reference: message.kind === 'mail' ? message.messageId || '(aucun)' : message.deliveryId,
    receivedAt,
    moment: `${line.day} à ${line.time}`,
  });
}

/** @returns the HTML page that tells why there is nothing to see */
export function failurePage(sentence: string): string {
  return pages.failure({ title: 'Page indisponible', sentence });
}

/**
 * A mail's own HTML, made to be shown in a sandboxed frame: its links open beside the page.
 * The document type comes first, so that the browser reads the rest as it would read the mail by itself.
 */
export function mailBody(html: string): string {
  return `<!doctype html><meta charset="utf-8"><base target="_blank">${html}`;
}
