import puppeteer, { type Browser, type Page } from 'puppeteer';
import { TourFailure } from './waiting.js';

/** A phone of today, and a clerk's screen. */
export const PHONE = { width: 390, height: 844, deviceScaleFactor: 1, isMobile: true, hasTouch: true };
export const SCREEN = { width: 1280, height: 900, deviceScaleFactor: 1 };

/** Starts a browser that asks nothing of the network but what the pages ask for. */
export function openBrowser(executablePath: string | undefined): Promise<Browser> {
  return puppeteer.launch({
    ...(executablePath ? { executablePath } : {}),
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
      '--no-first-run',
    ],
  });
}

/** Presses the button or link of this name and waits for the page that follows. */
export async function press(page: Page, name: string): Promise<void> {
  const clickable = ['button', 'link'].map((role) => `::-p-aria([name="${name}"][role="${role}"])`).join(', ');
  const element = await page.$(clickable);
  if (!element)
    throw new TourFailure(`There is no « ${name} » on ${await headingOf(page)}: the page is not the expected one.`);
  await Promise.all([page.waitForNavigation(), element.click()]);
}

export async function type(page: Page, field: string, value: string): Promise<void> {
  await page.locator(`[name="${field}"]`).fill(value);
}

export const textOf = (page: Page): Promise<string> => page.$eval('main', (main) => main.innerText);

export const headingOf = (page: Page): Promise<string> =>
  page.$eval('h1', (heading) => (heading as HTMLElement).innerText);

/** The bytes behind an address as this page's browser gets them, cookies included. */
export async function fetchInPage(page: Page, method: 'GET' | 'POST', href: string): Promise<Buffer> {
  const base64 = await page.evaluate(
    async (address, verb) => {
      const answer = await fetch(address, { method: verb });
      if (!answer.ok) return null;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
    },
    href,
    method,
  );
  if (base64 === null) throw new TourFailure(`${href} could not be downloaded by ${await headingOf(page)}.`);
  return Buffer.from(base64, 'base64');
}

/** A letter of one page, as an agency's software would hand it in. */
export async function printLetter(browser: Browser, title: string, body: string): Promise<Uint8Array<ArrayBuffer>> {
  const page = await browser.newPage();
  await page.setContent(
    `<html lang="fr"><title>${title}</title><body style="font: 12pt/1.5 serif; margin: 3cm 2cm"><h1>${title}</h1><p>${body}</p></body></html>`,
  );
  const bytes = await page.pdf({ format: 'A4' });
  await page.close();
  return Uint8Array.from(bytes);
}
