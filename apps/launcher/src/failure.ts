/**
 * Why the launcher gave up.
 *
 * - `ALREADY_RUNNING`: another launcher holds the data folder.
 * - `DATA_FOLDER`: the data folder cannot be made or written to.
 * - `DIGEST_MISMATCH`: a download is not the file it should be.
 * - `ENDED_EARLY`: a process ended before it was ready.
 * - `NOT_BUILT`: a file of `dist` that should be started is not there.
 * - `NOT_READY`: a process did not answer in time.
 * - `NOT_RUNNING`: a verb needs a running instance and there is none.
 * - `PART_MISSING`: no way to a part of the runtime worked.
 * - `PORT_TAKEN`: a port of the block is in use.
 * - `STOPPED`: the user stopped the start.
 * - `USAGE`: the command line or a variable cannot be understood.
 * - `WAY_FAILED`: one way to a part did not work; the next one is tried.
 */
export type LauncherFailureCode =
  | 'ALREADY_RUNNING'
  | 'DATA_FOLDER'
  | 'DIGEST_MISMATCH'
  | 'ENDED_EARLY'
  | 'NOT_BUILT'
  | 'NOT_READY'
  | 'NOT_RUNNING'
  | 'PART_MISSING'
  | 'PORT_TAKEN'
  | 'STOPPED'
  | 'USAGE'
  | 'WAY_FAILED';

/** A failure whose message is a sentence for the person at the terminal and says what to do next. */
export class LauncherFailure extends Error {
  constructor(
    readonly code: LauncherFailureCode,
    message: string,
  ) {
    super(message);
    this.name = 'LauncherFailure';
  }
}
