import type { StoredGroup } from './group-table.js';

/** A filtered group whose events are rare must not scan all of them again after a restart: positions are roughly bytes. */
const SILENT_ADVANCE = 4 * 1024 * 1024;

/**
 * When a group saves how far it is: after `maxCheckpointCount` messages, or, looking a few times a second, after
 * `checkpointAfter` milliseconds when at least `minCheckpointCount` were handled.
 */
export class CheckpointPolicy {
  /** What was saved last; undefined until the first checkpoint. */
  saved: number | undefined;
  private finished = 0;
  private savedAt = Date.now();
  private progressed: boolean;
  private silentFrom: number;
  private saving = false;

  constructor(private readonly group: StoredGroup) {
    this.saved = group.checkpointed ? group.resumeFrom : undefined;
    this.progressed = group.checkpointed;
    this.silentFrom = group.resumeFrom;
  }

  get hasProgressed(): boolean {
    return this.progressed;
  }

  countFinished(): void {
    this.finished++;
    this.progressed = true;
  }

  /** @param cursor how far the group has looked, for groups whose filter passes little */
  isDue(isTick: boolean, cursor: number): boolean {
    const { checkpointAfter, minCheckpointCount, maxCheckpointCount, filter } = this.group.settings;
    if (this.finished > 0 && this.finished >= maxCheckpointCount) return true;
    if (!isTick || Date.now() - this.savedAt < checkpointAfter) return false;
    if (this.finished > 0 && this.finished >= minCheckpointCount) return true;
    return filter !== undefined && cursor - this.silentFrom >= SILENT_ADVANCE;
  }

  /** Saves by `write` unless nothing changed or a save is under way; a failed save is made up for by the next. */
  save(resumeFrom: number, write: (resumeFrom: number) => Promise<void>): void {
    if (this.saving || !this.progressed || resumeFrom === this.saved) return;
    this.saving = true;
    const counted = this.finished;
    this.finished = 0;
    this.savedAt = Date.now();
    this.silentFrom = resumeFrom;
    write(resumeFrom).then(
      () => {
        this.saving = false;
        this.saved = resumeFrom;
      },
      () => {
        this.saving = false;
        this.finished += counted;
      },
    );
  }
}
