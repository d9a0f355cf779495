/** More documents wait for the printer than it keeps in line. Worth trying again in a while. */
export class PrinterBusy extends Error {
  readonly code = 'PRINTER_BUSY';

  constructor(waiting: number) {
    super(`${waiting} documents wait for the printer already: print this one again in a while.`);
    this.name = 'PrinterBusy';
  }
}

/** The browser cannot be started. Nothing is printed until the machine is set right. */
export class PrinterUnavailable extends Error {
  readonly code = 'PRINTER_UNAVAILABLE';

  constructor(cause: unknown) {
    super(
      'The browser that prints cannot be started: check that PUPPETEER_EXECUTABLE_PATH names a Chromium that runs here.',
      {
        cause,
      },
    );
    this.name = 'PrinterUnavailable';
  }
}

/** The printer was closed before this document was printed: the process is ending. */
export class PrinterClosed extends Error {
  readonly code = 'PRINTER_CLOSED';

  constructor() {
    super('The printer is closed: print this document again when the process has started anew.');
    this.name = 'PrinterClosed';
  }
}

/** TIMEOUT: it took too long. CRASH: the browser died over it twice. UNEXPECTED_OUTPUT: the PDF is not built as we know it. */
export type PrintFailure = 'TIMEOUT' | 'CRASH' | 'UNEXPECTED_OUTPUT';

/** This document could not be printed, although the printer works. */
export class PrintFailed extends Error {
  readonly code = 'PRINT_FAILED';

  constructor(
    readonly reason: PrintFailure,
    cause?: unknown,
  ) {
    super(`The document could not be printed (${reason}): check its template and its size, then print it again.`, {
      cause,
    });
    this.name = 'PrintFailed';
  }
}
