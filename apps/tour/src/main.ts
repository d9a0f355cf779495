import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'puppeteer';
import { AgencyApi, type LetterRequest, type ShownLetter } from './agency-api.js';
import { Album } from './album.js';
import { Chronicle, say } from './chronicle.js';
import { openBrowser, press, printLetter, SCREEN, type } from './browser.js';
import { Inbox } from './inbox.js';
import { readRunFile, type RunningInstance } from './instance-file.js';
import { Recipient } from './recipient.js';
import { TourFailure } from './waiting.js';

const BOOTSTRAP = fileURLToPath(new URL('../../../../apps/launcher/bootstrap.mjs', import.meta.url));
const MOBILE = '+33612345678';
/** Where the e-mail and the pages say what they are (manual V.1). */
const NOTICE = 'lettre recommandée électronique';

/** One letter to each of its four ends, through the public API and the real pages. */
class Tour {
  private readonly api: AgencyApi;
  private readonly inbox: Inbox;
  /** Addresses of this run only, so that an older run's e-mails are never taken for ours. */
  private readonly run = Date.now().toString(36);

  constructor(
    private readonly instance: RunningInstance,
    private readonly browser: Browser,
    private readonly album: Album,
  ) {
    this.api = new AgencyApi(instance.addresses.agency, instance.apiKey);
    this.inbox = new Inbox(instance.addresses.inbox);
  }

  async signed(): Promise<string> {
    say('\n1. Signed: code by SMS, acknowledgement, Accord, Signer, documents, Terminer');
    const email = this.address('charpentier');
    const chronicle = await this.send(email, { otp: true });
    await chronicle.step('the service deposits it and tells the recipient by e-mail', 'Deposited', 'Notified');
    const recipient = await Recipient.open(this.browser, this.inbox, email, NOTICE);
    await this.album.picture(recipient.page, 'code');
    await recipient.identify(MOBILE, await this.codesSoFar());
    await chronicle.step('the recipient opens the link and enters the code of the SMS', 'OtpVerified');
    await this.album.picture(recipient.page, 'acknowledgement');
    await recipient.accept();
    await chronicle.step('« Accord »', 'Accepted');
    await this.album.picture(recipient.page, 'signature');
    await recipient.sign();
    const letter = await chronicle.step('« Signer »', 'Signed');
    await this.album.picture(recipient.page, 'documents');
    for (const bytes of await recipient.readDocuments()) this.album.keep('document.pdf', bytes);
    const receipt = await recipient.finish();
    await this.album.picture(recipient.page, 'receipt');
    await this.pictureOfMail(email, 'Vos documents signés');
    await chronicle.step(
      'documents opened and downloaded, « Terminer »; both ends informed',
      'ContentAccessed',
      'Informed',
    );
    say(`   reference ${receipt.reference}, package ${receipt.packageNumber}`);
    await chronicle.end('signed');
    this.album.keep('acknowledgement.pdf', await this.api.document(letter.id, acknowledgementOf(letter)));
    await recipient.close();
    return letter.id;
  }

  async refused(): Promise<void> {
    say('\n2. Refused');
    const email = this.address('dupont');
    const chronicle = await this.send(email, { otp: false });
    await chronicle.step('the service deposits it and tells the recipient by e-mail', 'Deposited', 'Notified');
    const recipient = await Recipient.open(this.browser, this.inbox, email, NOTICE);
    await recipient.refuse();
    await this.album.picture(recipient.page, 'refusal');
    await chronicle.step('« Refus de signer »; the agency is informed', 'Refused', 'Informed');
    await chronicle.end('refused');
    await recipient.close();
  }

  async expired(): Promise<void> {
    say('\n3. Expired: the clock is told a later instant, for this letter only');
    const email = this.address('durand');
    const chronicle = await this.send(email, { otp: false });
    const { id, events } = await chronicle.step(
      'the service deposits it and tells the recipient by e-mail',
      'Deposited',
      'Notified',
    );
    const windowEndsAt = String(events.find((event) => event.type === 'Notified')?.data['windowEndsAt']);
    await expire(this.instance.dataFolder, id, windowEndsAt);
    const recipient = await Recipient.open(this.browser, this.inbox, email, NOTICE);
    await this.album.picture(recipient.page, 'expired');
    await chronicle.step(`the deadline passes, ${windowEndsAt}; the agency is informed`, 'Expired', 'Informed');
    await chronicle.end('expired');
    await recipient.close();
  }

  async bounced(): Promise<void> {
    say('\n4. Notice refused by the mail system');
    const chronicle = await this.send(`absent.${this.run}@refus.example`, { otp: false });
    await chronicle.step('the notice bounces; the agency is informed', 'NotificationFailed', 'Informed');
    await chronicle.end('notification-failed');
  }

  /** What the agency sees of it. */
  async agencyPages(letterId: string): Promise<void> {
    say('\n5. The agency’s history');
    const context = await this.browser.createBrowserContext();
    const page = await context.newPage();
    await page.setViewport(SCREEN);
    await page.goto(`${this.instance.addresses.agency}/lettres`);
    await this.album.picture(page, 'log-in');
    await type(page, 'email', this.instance.login.email);
    await type(page, 'password', this.instance.login.password);
    await press(page, 'Se connecter');
    await this.album.picture(page, 'history');
    await press(page, 'Nouvelle lettre');
    await this.album.picture(page, 'new-letter');
    await page.goto(`${this.instance.addresses.agency}/lettres/${letterId}`);
    await this.album.picture(page, 'letter');
    await context.close();
  }

  private async send(email: string, { otp }: { otp: boolean }): Promise<Chronicle> {
    const letter: LetterRequest = {
      dossier: '001',
      partyCode: '40017',
      partyKind: 'tenant',
      recipient: { civility: 'M. et Mme', name: 'CHARPENTIER Jean Luc', email, ...(otp ? { mobile: MOBILE } : {}) },
      otp,
    };
    const bytes = await printLetter(
      this.browser,
      'Rappel recommandé',
      'Sauf erreur de notre part, votre loyer reste impayé.',
    );
    const letterId = await this.api.send(letter, [{ name: 'Rappel_recommandé.pdf', bytes }]);
    const chronicle = new Chronicle(this.api, letterId);
    await chronicle.step(`the agency sends letter ${letterId} to ${email}`, 'Submitted');
    return chronicle;
  }

  /** How many codes the number has received, the next one included. */
  private async codesSoFar(): Promise<number> {
    return (await this.inbox.messages('sms', MOBILE)).length + 1;
  }

  private async pictureOfMail(to: string, about: string): Promise<void> {
    const mail = await this.inbox.mail(to, about);
    const page = await this.browser.newPage();
    await page.setContent(mail.html ?? mail.text);
    await this.album.picture(page, 'e-mail');
    await page.close();
  }

  private address(name: string): string {
    return `${name}.${this.run}@exemple.example`;
  }
}

function acknowledgementOf({ events }: ShownLetter): string {
  const deposited = events.find(({ type }) => type === 'Deposited');
  return (deposited?.data as { acknowledgement: { sha256: string } }).acknowledgement.sha256;
}

/** What an operator would type: `npm run pli -- letter expire <id> --as-of <instant>`. */
async function expire(dataFolder: string, letterId: string, asOf: string): Promise<void> {
  const args = [BOOTSTRAP, 'pli', 'letter', 'expire', letterId, '--as-of', asOf];
  await promisify(execFile)(process.execPath, args, { env: { ...process.env, PLI_DATA: dataFolder } });
}

async function main(): Promise<void> {
  const runFile = process.env['PLI_RUN_FILE'];
  if (!runFile) throw new TourFailure('PLI_RUN_FILE names no running instance: start the tour with "npm run tour".');
  const folder =
    process.env['PLI_TOUR'] ?? join(process.cwd(), '.data', 'tour', new Date().toISOString().replaceAll(':', '-'));
  const browser = await openBrowser(process.env['PUPPETEER_EXECUTABLE_PATH']);
  try {
    const tour = new Tour(readRunFile(runFile), browser, new Album(folder));
    const signed = await tour.signed();
    await tour.refused();
    await tour.expired();
    await tour.bounced();
    await tour.agencyPages(signed);
    say(`\nEvery end was reached. Pictures and PDFs: ${folder}`);
  } finally {
    await browser.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
