import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'puppeteer';
import { AgencyApi, type LetterRequest, type ShownLetter } from './agency-api.js';
import { Album } from './album.js';
import { openBrowser, press, printLetter, SCREEN, type } from './browser.js';
import { Inbox } from './inbox.js';
import { readRunFile, type RunningInstance } from './instance-file.js';
import { Recipient } from './recipient.js';
import { TourFailure } from './waiting.js';

const BOOTSTRAP = fileURLToPath(new URL('../../../../apps/launcher/bootstrap.mjs', import.meta.url));
const MOBILE = '+33612345678';
/** Where the e-mail and the pages say what they are (manual V.1). */
const NOTICE = 'lettre recommandée électronique';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

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
    const letterId = await this.send(email, { otp: true });
    const recipient = await Recipient.open(this.browser, this.inbox, email, NOTICE);
    await this.album.picture(recipient.page, 'code');
    await recipient.identify(MOBILE, await this.codesSoFar());
    await this.album.picture(recipient.page, 'acknowledgement');
    await recipient.accept();
    await this.album.picture(recipient.page, 'signature');
    await recipient.sign();
    await this.album.picture(recipient.page, 'documents');
    for (const bytes of await recipient.readDocuments()) this.album.keep('document.pdf', bytes);
    const receipt = await recipient.finish();
    await this.album.picture(recipient.page, 'receipt');
    say(`   reference ${receipt.reference}, package ${receipt.packageNumber}`);
    const letter = await this.api.hasEvents(letterId, 'Signed', 'ContentAccessed', 'Informed');
    this.tell(letter, 'signed');
    this.album.keep('acknowledgement.pdf', await this.api.document(letterId, acknowledgementOf(letter)));
    await this.pictureOfMail(email, 'Vos documents signés');
    await recipient.close();
    return letterId;
  }

  async refused(): Promise<void> {
    say('\n2. Refused');
    const email = this.address('dupont');
    const letterId = await this.send(email, { otp: false });
    const recipient = await Recipient.open(this.browser, this.inbox, email, NOTICE);
    await recipient.refuse();
    await this.album.picture(recipient.page, 'refusal');
    this.tell(await this.api.hasEvents(letterId, 'Refused', 'Informed'), 'refused');
    await recipient.close();
  }

  async expired(): Promise<void> {
    say('\n3. Expired: the clock is told a later instant, for this letter only');
    const email = this.address('durand');
    const letterId = await this.send(email, { otp: false });
    const { events } = await this.api.hasEvents(letterId, 'Notified');
    const windowEndsAt = String(events.find((event) => event.type === 'Notified')?.data['windowEndsAt']);
    await expire(this.instance.dataFolder, letterId, windowEndsAt);
    const recipient = await Recipient.open(this.browser, this.inbox, email, NOTICE);
    await this.album.picture(recipient.page, 'expired');
    this.tell(await this.api.hasEvents(letterId, 'Expired', 'Informed'), 'expired');
    await recipient.close();
  }

  async bounced(): Promise<void> {
    say('\n4. Notice refused by the mail system');
    const letterId = await this.send(`absent.${this.run}@refus.example`, { otp: false });
    this.tell(await this.api.hasEvents(letterId, 'NotificationFailed', 'Informed'), 'notification-failed');
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

  private async send(email: string, { otp }: { otp: boolean }): Promise<string> {
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
    say(`   letter ${letterId} to ${email}`);
    return letterId;
  }

  /** How many codes the number has received, the next one included. */
  private async codesSoFar(): Promise<number> {
    return (await this.inbox.messages('sms', MOBILE)).length + 1;
  }

  private tell(letter: ShownLetter, expected: string): void {
    for (const { revision, type, at } of letter.events) say(`   ${String(revision).padStart(3)}  ${at}  ${type}`);
    say(`   → ${letter.status}`);
    if (letter.status !== expected)
      throw new TourFailure(`Letter ${letter.id} is ${letter.status} instead of ${expected}.`);
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
