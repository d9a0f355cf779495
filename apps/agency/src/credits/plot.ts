import type { Instant } from '#libs/letter';
import { dates } from '#libs/web';
import type { BalancePoint } from '#projections/credit-balance';
import { inFrench } from './credits.js';

/** The drawing's own units; the page stretches it to the room there is. */
const WIDTH = 1_000;
const HEIGHT = 240;
/** The line stays this far from the edges, so that its stroke is not cut. */
const MARGIN = 4;

/** What the page needs to draw a balance over time. */
export interface Plot {
  readonly viewBox: string;
  /** Path of the line: a balance holds until the next movement, so that it goes in steps. */
  readonly line: string;
  /** The same, closed along the foot. */
  readonly area: string;
  readonly middle: number;
  readonly foot: number;
  readonly labels: { readonly top: string; readonly middle: string; readonly from: string; readonly to: string };
  /** What who does not see the drawing must know. */
  readonly summary: string;
}

/** Draws a balance up to `now`; undefined for an account without movements. */
export function plotOf(points: readonly BalancePoint[], now: Instant): Plot | undefined {
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last) return undefined;
  const highest = Math.max(...points.map(({ balance }) => balance));
  const top = ceiling(highest);
  const from = Date.parse(first.at);
  const until = Math.max(Date.parse(now), Date.parse(last.at), from + 1);
  const across = (at: Instant): number => round(((Date.parse(at) - from) / (until - from)) * WIDTH);
  const up = (balance: number): number => round(HEIGHT - MARGIN - (balance / top) * (HEIGHT - 2 * MARGIN));
  const steps = points.slice(1).map(({ at, balance }) => `H${across(at)}V${up(balance)}`);
  const line = `M0 ${up(first.balance)}${steps.join('')}H${WIDTH}`;
  const [began, ended] = ends(first.at, isoOf(until));
  const lowest = Math.min(...points.map(({ balance }) => balance));
  return {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    line,
    area: `${line}V${up(0)}H0Z`,
    middle: up(top / 2),
    foot: up(0),
    labels: { top: inFrench(top), middle: inFrench(top / 2), from: began, to: ended },
    summary: `Du ${began} au ${ended}, le solde a été compris entre ${inFrench(lowest)} et ${inFrench(highest)} ; il est de ${inFrench(last.balance)}.`,
  };
}

/** Days, with the time where they are the same. */
function ends(from: Instant, to: Instant): readonly [string, string] {
  const write = dates.day(from) === dates.day(to) ? dates.dayAndTime : dates.day;
  return [write(from), write(to)];
}

/** The next even number with one or two digits that count: a scale that reads easily, also at its half. */
function ceiling(value: number): number {
  const unit = Math.max(2, 10 ** (Math.floor(Math.log10(Math.max(value, 1))) - 1) * 2);
  return Math.max(unit, Math.ceil(value / unit) * unit);
}

const round = (value: number): number => Math.round(value * 10) / 10;
const isoOf = (milliseconds: number): Instant => new Date(milliseconds).toISOString();
