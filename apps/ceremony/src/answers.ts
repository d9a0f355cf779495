import { Injectable } from '@nestjs/common';
import { CommandBus, type Command } from '@nestjs/cqrs';
import type { Request, Response } from 'express';
import { Clock } from '#libs/configuration';
import { CommandRefused } from '#libs/event-store';
import { refusals, type RefusalCode } from '#libs/letter';
import { InvalidInput, networkOf, Pages } from '#libs/web';
import { SESSION_COOKIE } from './browser-sessions.js';
import { screenOf, type Screen } from './screen.js';
import { viewOf, type View } from './views.js';
import { Visits, type Visit, type Visitor } from './visits.js';

/** Why what was just asked did not happen; the page that is fit now says so. */
interface Trouble {
  readonly status: number;
  readonly sentence: string;
  /** The input's field that is wrong, where the sentence belongs. */
  readonly field?: string;
}

/** Where a letter's pages begin. */
export const addressOf = (letterId: string): string => `/lre/${letterId}`;

export function visitorOf(request: Request): Visitor {
  const cookies = request.cookies as Record<string, unknown>;
  return {
    letterId: String(request.params['letterId']),
    cookie: cookies[SESSION_COOKIE],
    network: networkOf(request),
  };
}

/** How the ceremony answers: with the page that fits the letter, or by carrying out a command and leading to that page. */
@Injectable()
export class Answers {
  constructor(
    private readonly visits: Visits,
    private readonly commands: CommandBus,
    private readonly clock: Clock,
    private readonly pages: Pages,
  ) {}

  /** The page that fits the letter now. */
  async page(request: Request, response: Response, trouble?: Trouble): Promise<void> {
    const { visit, screen } = await this.screen(request);
    const isGone = screen.name === 'expired' || screen.name === 'erased';
    const status = trouble?.status ?? (isGone ? 410 : 200);
    this.render(response, visit, { status, trouble, view: viewOf(screen, this.clock.now()) });
  }

  /** A page beside the main one of a screen, or of several; where the letter is on another screen, leads to the page that fits. */
  async besides<Name extends Screen['name']>(
    request: Request,
    response: Response,
    names: Name | readonly Name[],
    view: (screen: Extract<Screen, { name: Name }>) => View,
  ): Promise<void> {
    const { visit, screen } = await this.screen(request);
    if (isNamed(screen, names)) this.render(response, visit, { status: response.statusCode, view: view(screen) });
    else response.redirect(303, addressOf(visit.letterId));
  }

  /**
   * Carries out what the visit asks for and leads on. What is refused or wrong changes nothing: the page that fits the letter is
   * shown with the reason, under the status that the refusal has for programs.
   *
   * @param showsFaults false for a form that comes back itself: what is wrong with its fields is thrown as InvalidInput.
   */
  async carryOut(
    request: Request,
    response: Response,
    command: (visit: Visit) => Command<unknown>,
    next: (letterId: string) => string = addressOf,
    showsFaults = true,
  ): Promise<void> {
    const visit = await this.visits.of(visitorOf(request));
    try {
      await this.commands.execute(command(visit));
    } catch (error) {
      const trouble = troubleOf(error);
      if (!trouble || (error instanceof InvalidInput && !showsFaults)) throw error;
      await this.page(request, response, trouble);
      return;
    }
    response.redirect(303, next(visit.letterId));
  }

  /** The visit and its screen now. */
  async screen(request: Request): Promise<{ visit: Visit; screen: Screen }> {
    const visit = await this.visits.of(visitorOf(request));
    return { visit, screen: screenOf(visit, this.clock.now()) };
  }

  private render(
    response: Response,
    { letterId }: Visit,
    { status, trouble, view }: { status: number; trouble?: Trouble | undefined; view: View },
  ): void {
    const address = addressOf(letterId);
    const page = this.pages.render(view.template, { ...view.data, narrow: true, home: address, address, trouble });
    response.status(status).type('html').send(page);
  }
}

const isNamed = <Name extends Screen['name']>(
  screen: Screen,
  names: Name | readonly Name[],
): screen is Extract<Screen, { name: Name }> => [names].flat().some((name) => name === screen.name);

function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof CommandRefused && isRefusalOfLetter(error.code)) return refusals[error.code];
  const fault = error instanceof InvalidInput ? error.faults[0] : undefined;
  return fault && { status: 422, sentence: fault.message, field: fault.field };
}

const isRefusalOfLetter = (code: string): code is RefusalCode => Object.hasOwn(refusals, code);
