import { Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Request, Response } from 'express';
import { EdgeFailure } from './problem.js';

/** What a page shows. */
export interface Shown {
  /** The same for all pages that show the same; they are looked after together. */
  readonly key: string;
  /** Who looks: so that one person cannot take every place. */
  readonly holder: string;
  /** A text of letters and digits that changes whenever what the page shows does: `ReadModel.mark`. */
  readonly mark: () => Promise<string>;
}

export interface LivePagesOptions {
  /** Milliseconds between two looks at what open pages show. Default 1 000. */
  readonly every?: number;
  /** Milliseconds after which a connection is closed; the page comes back at once, if it still may. Default ten minutes. */
  readonly life?: number;
  /** Open pages that this process serves at most. Default 1 000. */
  readonly places?: number;
  /** Open pages of one holder. Default 20. */
  readonly placesOfHolder?: number;
}

/** Looks between two heartbeats, so that proxies do not take a quiet connection for a dead one. */
const HEARTBEAT = 20;
/** Bytes that a page may leave unread before its connection is given up. */
const MOST_UNREAD = 64 * 1024;
const MARK = /^[\w.-]{0,100}$/;

interface Page {
  readonly response: Response;
  readonly holder: string;
  readonly endsAt: number;
  /** What the page shows, as far as it is known here. */
  mark: string;
}

interface Topic {
  readonly mark: () => Promise<string>;
  readonly pages: Set<Page>;
  looking: boolean;
}

/**
 * Tells open pages that what they show has changed, by server-sent events (HTML Living Standard, 9.2). The page then asks for itself again:
 * see `_live.hbs`. Nothing is kept here that another process would need: each one looks at the read model for the pages it serves, and
 * a page that comes back, to whichever process, says by `Last-Event-ID` what it shows.
 */
export class LivePages implements BeforeApplicationShutdown {
  private readonly logger = new Logger('LivePages');
  private readonly topics = new Map<string, Topic>();
  private readonly options: Required<LivePagesOptions>;
  private timer: NodeJS.Timeout | undefined;
  private looks = 0;
  private isFailing = false;
  private closed = false;

  constructor(options: LivePagesOptions = {}) {
    this.options = { every: 1_000, life: 10 * 60_000, places: 1_000, placesOfHolder: 20, ...options };
  }

  /**
   * Answers with a stream of `changed` events. The address names by `depuis` the mark that the page was made with, so that what changed
   * between page and stream is told, too.
   *
   * @throws EdgeFailure 503 when every place is taken, or the process is about to end.
   */
  follow(request: Request, response: Response, { key, holder, mark }: Shown): void {
    this.mustHavePlace(holder);
    const known = request.get('last-event-id') ?? request.query['depuis'];
    const page: Page = {
      response,
      holder,
      endsAt: Date.now() + this.options.life,
      mark: typeof known === 'string' ? known : '',
    };
    response.status(200).set({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' });
    response.write(':\n\n');
    const topic = this.topics.get(key) ?? { mark, pages: new Set(), looking: false };
    this.topics.set(key, topic);
    topic.pages.add(page);
    response.on('close', () => this.leave(key, topic, page));
    this.timer ??= setInterval(() => this.lookAtAll(), this.options.every);
    void this.look(topic);
  }

  beforeApplicationShutdown(): void {
    this.closed = true;
    clearInterval(this.timer);
    for (const { response } of this.pages()) response.end();
  }

  private mustHavePlace(holder: string): void {
    const open = this.pages();
    const { places, placesOfHolder } = this.options;
    const own = open.filter((page) => page.holder === holder).length;
    if (this.closed || open.length >= places || own >= placesOfHolder) throw NO_PLACE();
  }

  private leave(key: string, topic: Topic, page: Page): void {
    topic.pages.delete(page);
    if (topic.pages.size === 0 && this.topics.get(key) === topic) this.topics.delete(key);
    if (this.topics.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private lookAtAll(): void {
    this.looks += 1;
    const now = Date.now();
    for (const { response, endsAt } of this.pages()) {
      if (endsAt <= now) response.end();
      else if (response.writableLength > MOST_UNREAD) response.destroy();
      else if (this.looks % HEARTBEAT === 0) response.write(':\n\n');
    }
    for (const topic of this.topics.values()) void this.look(topic);
  }

  private async look(topic: Topic): Promise<void> {
    if (topic.looking) return;
    topic.looking = true;
    try {
      const mark = await topic.mark();
      if (!MARK.test(mark)) throw new MarkInvalid(mark);
      for (const page of topic.pages) if (page.mark !== mark) tell(page, mark);
      this.isFailing = false;
    } catch (error) {
      // The next look makes good for it; an outage is said once.
      if (!this.isFailing) this.logger.warn(`Live pages stay as they are: ${reasonOf(error)}`);
      this.isFailing = true;
    } finally {
      topic.looking = false;
    }
  }

  private pages(): Page[] {
    return [...this.topics.values()].flatMap(({ pages }) => [...pages]);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function tell(page: Page, mark: string): void {
  page.mark = mark;
  if (!page.response.writableEnded) page.response.write(`id: ${mark}\nevent: changed\ndata: ${mark}\n\n`);
}

/** A mark would break out of its line. A fault of the program. */
class MarkInvalid extends Error {
  readonly code = 'MARK_INVALID';
  constructor(mark: string) {
    super(`« ${mark} » is no mark: give up to 100 letters, digits, "_", "." or "-".`);
  }
}

const NO_PLACE = () =>
  new EdgeFailure({
    status: 503,
    code: 'TOO_MANY_LIVE_PAGES',
    title: 'Trop de pages sont ouvertes en même temps : fermez-en, ou actualisez celle-ci de temps en temps.',
  });
