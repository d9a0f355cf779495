import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'puppeteer';

/** A clerk's screen, and the narrowest phone that pages are made for (WCAG 2.2, 1.4.10 asks for 320 at most, the product for 360). */
const WIDTHS = [1280, 360] as const;

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What is wrong with the page as it is shown, at every width: a sentence each. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  const faults: string[] = [...(await structureFaults(page))];
  for (const width of WIDTHS) {
    await page.setViewport({ width, height: 900 });
    const found = [...(await widthFaults(page)), ...(await axeFaults(page)), ...(await keyboardFaults(page))];
    faults.push(...found.map((fault) => `at ${width} px: ${fault}`));
  }
  await page.setViewport({ width: WIDTHS[0], height: 900 });
  return faults;
}

function structureFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const headings = [...document.querySelectorAll('h1')].map((heading) => heading.textContent.trim());
    const faults = [];
    if (headings.length !== 1 || headings[0] === '') faults.push(`has ${headings.length} main headings`);
    if (document.title.trim() === '') faults.push('has no title');
    if (document.documentElement.lang !== 'fr') faults.push('does not say that it is French');
    if (document.querySelectorAll('main').length !== 1) faults.push('has not one main part');
    return faults;
  });
}

/** Wide things may scroll within their own place, the page itself may not. */
function widthFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth } = document.documentElement;
    if (scrollWidth <= window.innerWidth) return [];
    const wide = [...document.querySelectorAll('main *')].filter(
      (element) => element.getBoundingClientRect().right > window.innerWidth + 1,
    );
    const first = wide[0]?.outerHTML.slice(0, 80) ?? '';
    return [`scrolls sideways (${scrollWidth} px), beginning with ${first}`];
  });
}

/** What axe-core calls serious or critical. */
async function axeFaults(page: Page): Promise<string[]> {
  // Through the debugging protocol, for which the pages' own strict policy of scripts does not count.
  await page.evaluate(`if (!window.axe) { ${AXE} }`);
  const { violations } = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary = '' }) => `${id} at ${String(target[0])}: ${failureSummary.split('\n')[1]?.trim()}`,
      ),
    );
}

interface Stop {
  readonly index: number;
  readonly isOutlined: boolean;
}

const INTERACTIVE = 'a[href], button, input, select, textarea, summary, [tabindex]';

/** Walks the page with the tabulator key: it must stop at everything that can be used, in the order of the page, and show where it is. */
async function keyboardFaults(page: Page): Promise<string[]> {
  const names = await page.evaluate((selector) => {
    const isUsable = (element: Element): element is HTMLElement =>
      element.checkVisibility({ visibilityProperty: true }) &&
      !element.matches(':disabled, [type="hidden"], [tabindex="-1"]') &&
      // Of a group of radio buttons the arrows reach the others.
      !(element.matches('[type="radio"]') && !element.matches(':checked'));
    const usable = [...document.querySelectorAll(selector)].filter(isUsable);
    const stops: Stop[] = [];
    Object.assign(window, { stops });
    document.addEventListener('focusin', ({ target }) => {
      const { outlineStyle, outlineWidth } = getComputedStyle(target as Element);
      const isOutlined = outlineStyle !== 'none' && outlineWidth !== '0px';
      stops.push({ index: usable.indexOf(target as HTMLElement), isOutlined });
    });
    (document.activeElement as HTMLElement | null)?.blur();
    window.getSelection()?.removeAllRanges();
    return usable.map((element) => {
      // A field of a date or a time has several stops of its own.
      const inner = /^(date|time|datetime-local)$/.test((element as HTMLInputElement).type) ? 5 : 1;
      return { name: element.outerHTML.replace(/\s+/g, ' ').slice(0, 90), inner };
    });
  }, INTERACTIVE);
  const presses = names.reduce((sum, { inner }) => sum + inner, 3);
  for (let press = 0; press < presses; press += 1) await page.keyboard.press('Tab');
  const stops = (await page.evaluate('window.stops')) as Stop[];
  return stopFaults(
    names.map(({ name }) => name),
    stops,
  );
}

function stopFaults(names: readonly string[], stops: readonly Stop[]): string[] {
  const known = stops.filter(({ index }) => index >= 0);
  const reached = new Set(known.map(({ index }) => index));
  const unreached = names.filter((_name, index) => !reached.has(index));
  const hidden = known.filter(({ isOutlined }) => !isOutlined).map(({ index }) => names[index] ?? '');
  // After the last stop comes the first one again, wherever the walk began.
  const first = Math.min(...reached);
  const back = known.filter(({ index }, place) => index !== first && index < (known[place - 1]?.index ?? -1));
  return [
    ...unreached.map((name) => `the keyboard does not reach ${name}`),
    ...new Set(hidden.map((name) => `the keyboard does not show that it is at ${name}`)),
    ...back.map(({ index }) => `the keyboard goes back to ${names[index] ?? ''}`),
  ];
}
