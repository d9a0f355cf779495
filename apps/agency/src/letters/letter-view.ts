import { Injectable } from '@nestjs/common';
import { jobNumber, type PrintJob } from '#libs/letter';
import { Pages, type FieldFault } from '#libs/web';
import type { SignedInUser } from '../access/asker.js';
import { navigation } from '../navigation.js';
import { PaperRequests } from '../printing/paper.js';
import { History } from './history.js';
import { letterPage } from './letter-page.js';
import { OwnLetters, type ExistingLetter } from './own-letters.js';

/** The form for a letter on paper that comes back, with what is wrong in it. */
interface FaultyPaper {
  readonly form: object;
  readonly faults: readonly FieldFault[];
}

/** The page of one letter, as everything that is done from it shows it again. */
@Injectable()
export class LetterView {
  constructor(
    private readonly letters: OwnLetters,
    private readonly history: History,
    private readonly paper: PaperRequests,
    private readonly pages: Pages,
  ) {}

  /** @throws EdgeFailure 404 */
  async page(
    user: SignedInUser,
    id: string,
    { paper, ...extra }: Record<string, unknown> & { readonly paper?: FaultyPaper } = {},
  ): Promise<string> {
    const mark = await this.history.shown(user, id.toLowerCase()).mark();
    const letter = await this.letters.findProved(user, id);
    const { letterId, state } = letter;
    return this.pages.render('letter', {
      ...navigation(user, '/lettres'),
      ...letterPage(letter),
      live: `/lettres/${letterId}/suivi?depuis=${mark}`,
      mayCorrect: user.maySend && state.status === 'notification-failed',
      isArchived: state.archived,
      printJobs: printJobsOf(state).map(printLine),
      ...(user.maySend && mayBePrinted(state) ? { paper: await this.paperForm(user, state, paper) } : {}),
      ...extra,
    });
  }

  private async paperForm(user: SignedInUser, state: ExistingLetter, faulty: FaultyPaper | undefined): Promise<object> {
    const form = faulty?.form ?? (await this.paper.knownAddress(user, state)) ?? {};
    const faults = Object.fromEntries((faulty?.faults ?? []).map(({ field, message }) => [field, message]));
    return { form, faults, isOpen: faulty !== undefined };
  }
}

const printJobsOf = (state: ExistingLetter): readonly PrintJob[] => ('printJobs' in state ? state.printJobs : []);

/** Paper may be asked for once there is a deposit, by the address of somebody who is still known, and one envelope at a time. */
const mayBePrinted = (state: ExistingLetter): boolean =>
  'printJobs' in state &&
  state.parties !== 'erased' &&
  !state.printJobs.some(({ status }) => status === 'waiting' || status === 'prepared');

function printLine(job: PrintJob): object {
  return { number: jobNumber(job.job), words: PRINT_WORDS[job.status](job), address: job.address?.split('\n') ?? [] };
}

const PRINT_WORDS: { readonly [Status in PrintJob['status']]: (job: PrintJob) => string } = {
  waiting: () => 'en préparation',
  prepared: () => 'prêt à imprimer',
  failed: () => 'impossible à préparer',
  dispatched: (job) => `expédié, suivi ${job.status === 'dispatched' ? job.trackingNumber : ''}`,
};
