import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer';

const MANUAL = fileURLToPath(new URL('../../docs/manuel/', import.meta.url));

/** Pages longer than this are cut: the manual shows what they are for, not every row. */
const LONGEST = 1_500;

/** Pictures of the pages: for the manual (`npm run manual`), or into a temporary folder, so that making them is always tested. */
export class Album {
  readonly folder: string;
  readonly taken = new Set<string>();

  constructor(isForManual: boolean) {
    this.folder = isForManual ? MANUAL : mkdtempSync(join(tmpdir(), 'pli-pictures-'));
    mkdirSync(this.folder, { recursive: true });
  }

  /** The first picture of a name is kept. */
  async picture(page: Page, name: string, width = 1280): Promise<void> {
    if (this.taken.has(name)) return;
    this.taken.add(name);
    await page.setViewport({ width, height: 600 });
    await page.evaluate(withoutChance);
    const height = Math.min(await page.evaluate(() => document.documentElement.scrollHeight), LONGEST);
    await page.screenshot({
      path: `${join(this.folder, name)}.png`,
      clip: { x: 0, y: 0, width, height },
    });
  }
}

/**
 * Puts one example in the place of what differs each time, so that a picture changes only when its page does: dates, times, identifiers,
 * fingerprints, codes. It runs in the page.
 */
function withoutChance(): void {
  const EXAMPLES: readonly (readonly [RegExp, string])[] = [
    [/\b\d{2}\/\d{2}\/20\d{2}\b/g, '16/03/2026'],
    [/\b\d{2}:\d{2}:\d{2}\b/g, '14:36:07'],
    [/\b\d{2}:\d{2}\b/g, '14:36'],
    [/\b20\d{2}-\d{2}-\d{2} 14:36 GMT/g, '2026-03-16 13:36 GMT'],
    [/LRE_(\w+?)_(\w+?)_\d{14}/g, 'LRE_$1_$2_20260316143607'],
    [/\b[\da-f]{64}\b/g, '7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069'],
    [/\b[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}\b/g, '0195a0c4-5c10-7a5e-9f3b-2f6d1c1b7e42'],
    [/\b(lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) \d{1,2} \p{L}+ 20\d{2}\b/gu, 'mardi 31 mars 2026'],
  ];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let text = node.textContent ?? '';
    for (const [pattern, example] of EXAMPLES) text = text.replace(pattern, example);
    if (text !== node.textContent) node.textContent = text;
  }
  (document.activeElement as HTMLElement | null)?.blur();
}
