import { CheckpointClock } from './checkpoint-clock.js';
import { roomOf, type StoredEvent } from './stored-event.js';

const eventAt = (index: number): StoredEvent => ({
  position: 64 + index * roomOf('T', null, null),
  stream: 's',
  revision: index,
  id: Buffer.alloc(16),
  type: 'T',
  created: 0,
  json: 0,
  data: null,
  metadata: null,
});

const see = (clock: CheckpointClock, from: number, to: number, accepted = false) =>
  Array.from({ length: to - from }, (_, n) => clock.see(eventAt(from + n), accepted));

describe('checkpoints while catching up', () => {
  test('come at the end of a page and name its beginning: first 0/0, then without prepare', () => {
    const clock = new CheckpointClock(32, 1);
    clock.startAt(0);
    const due = see(clock, 0, 96).flatMap((checkpoint, index) => (checkpoint ? [[index, checkpoint]] : []));
    expect(due).toEqual([
      [31, { commit: 0, prepare: 0 }],
      [63, { commit: eventAt(32).position, prepare: 0 }],
      [95, { commit: eventAt(64).position, prepare: 0 }],
    ]);
  });

  test('come every interval only', () => {
    const clock = new CheckpointClock(10, 3);
    const due = see(clock, 0, 60).flatMap((checkpoint, index) => (checkpoint ? [index] : []));
    expect(due).toEqual([29, 59]);
  });
});

describe('checkpoints of live events', () => {
  test('name the event, every interval, and go on from what was counted before', () => {
    const clock = new CheckpointClock(32, 1);
    see(clock, 0, 20);
    clock.goLive();
    const due = see(clock, 20, 80, true).flatMap((checkpoint, index) => (checkpoint ? [[20 + index, checkpoint]] : []));
    expect(due).toEqual([
      [31, { commit: eventAt(31).position, prepare: eventAt(31).position }],
      [63, { commit: eventAt(63).position, prepare: eventAt(63).position }],
    ]);
  });
});
