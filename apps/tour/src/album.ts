import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'puppeteer';

/** The folder that the tour leaves: numbered pictures of the pages and the PDFs. */
export class Album {
  private count = 0;

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  async picture(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: this.next(`${name}.png`), fullPage: true });
  }

  keep(name: string, bytes: Uint8Array): void {
    writeFileSync(this.next(name), bytes);
  }

  private next(name: string): string {
    this.count += 1;
    return join(this.folder, `${String(this.count).padStart(2, '0')}-${name}`);
  }
}
