import { given, stateAfter } from './given.js';
import { accepted, at, atTheDoor, browser, deposited, notified, secondsAfter, submit, submitted } from './story.js';
import type { LetterEvent } from '../events.js';
import { BrokenHistory } from '../state.js';

const accept = { type: 'accept', session: browser } as const;

describe('a machine whose clock is behind the letter', () => {
  it('is forgiven a minute: what it asks for is taken to happen with the last event', () => {
    given(...atTheDoor)
      .when({ ...accept, at: secondsAfter(at.notice, -60) })
      .then({ type: 'Accepted', data: { session: browser, at: at.notice } });
  });

  it('is refused beyond it, so that nothing is dated by guesswork', () => {
    given(...atTheDoor)
      .when({ ...accept, at: secondsAfter(at.notice, -60.001) })
      .thenRefused('CLOCK_BEHIND');
  });

  it('still learns what is already so, and why something is impossible', () => {
    given(...atTheDoor, accepted)
      .when({ ...accept, at: at.submission })
      .thenNothing();
    given(...atTheDoor, accepted)
      .when({ type: 'refuse', session: browser, at: at.submission })
      .thenRefused('ALREADY_ACCEPTED');
  });

  it('cannot slip an answer in before an end that the letter has already seen', () => {
    const archived: LetterEvent = { type: 'Archived', data: { at: at.end } };
    given(...atTheDoor, archived)
      .when({ ...accept, at: at.lastMoment })
      .thenRefused('WINDOW_CLOSED');
  });

  it('may report late what happened outside: it is recorded with the last event', () => {
    const archived: LetterEvent = { type: 'Archived', data: { at: at.later } };
    const { type: _type, data } = notified;
    given(submitted(), deposited, archived)
      .when({ type: 'confirmNotice', notice: 1, messageId: data.messageId, linkHash: data.linkHash, at: at.notice })
      .then({ type: 'Notified', data: { ...data, windowEndsAt: '2018-04-05T22:00:00.000Z', at: at.later } });
  });
});

describe('a time that is no time', () => {
  it.each([
    '',
    'hier',
    '2018-03-20',
    '2018-03-20T13:35:00Z',
    '2018-03-20T14:35:00.000+01:00',
    '2018-02-30T00:00:00.000Z',
  ])('is refused: %p', (when) => {
    given()
      .when(submit({ at: when }))
      .thenRefused('INSTANT_MALFORMED');
    given(...atTheDoor)
      .when({ type: 'expire', at: when })
      .thenRefused('INSTANT_MALFORMED');
  });
});

describe('a history that no decision can have made', () => {
  it('is not folded into a letter', () => {
    expect(() => stateAfter([accepted])).toThrow(BrokenHistory);
    expect(() => stateAfter([submitted(), submitted()])).toThrow(BrokenHistory);
    expect(() => stateAfter([...atTheDoor, notified])).toThrow(
      'A letter that is notified cannot have Notified: verify the stream against its chain before using it.',
    );
  });

  it('nor is an event type that nobody knows', () => {
    const foreign = { type: 'Franked', data: { at: at.later } } as unknown as LetterEvent;
    expect(() => stateAfter([...atTheDoor, foreign])).toThrow('Franked');
  });
});
