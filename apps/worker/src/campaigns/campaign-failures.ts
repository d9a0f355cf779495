import { ReferencesExhausted, TemplateFaulty } from '#libs/commands';
import {
  DocumentAltered,
  DocumentMissing,
  PdfRefused,
  PrinterBusy,
  PrinterClosed,
  PrinterUnavailable,
  PrintFailed,
  TemplateFailed,
} from '#libs/documents';
import { CommandRefused, ConcurrencyExhausted, EventStoreUnavailable, isMongoAway } from '#libs/event-store';

/** A line was corrected after the campaign was started: what the agency has seen is not what would be sent. */
export class LineChanged extends Error {
  readonly code = 'LINE_CHANGED';
  constructor(lineId: string) {
    super(`Line ${lineId} was corrected after the campaign was started; it is sent by another campaign.`);
    this.name = 'LineChanged';
  }
}

/** How often a letter is tried again for a reason that nobody has foreseen, or that its document may be to blame for. */
const MOST_TRIES = 5;

/**
 * The code with which a letter has failed for good; undefined for what may pass: a store that is away, a printer that is busy, and, a
 * few times, everything that nobody has foreseen.
 */
export function finalReasonOf(error: unknown, tries: number): string | undefined {
  if (error instanceof CommandRefused || error instanceof PdfRefused || error instanceof LineChanged) return error.code;
  if (error instanceof DocumentMissing || error instanceof DocumentAltered) return error.code;
  // It was in order when it was saved; this service may have become stricter since, or the line is too long for it.
  if (error instanceof TemplateFaulty || error instanceof TemplateFailed) return 'TEMPLATE_FAULTY';
  if (willPass(error) || tries < MOST_TRIES) return undefined;
  return error instanceof PrintFailed ? error.code : 'UNEXPECTED';
}

function willPass(error: unknown): boolean {
  const causes = [
    EventStoreUnavailable,
    ConcurrencyExhausted,
    ReferencesExhausted,
    PrinterBusy,
    PrinterUnavailable,
    PrinterClosed,
  ];
  return isMongoAway(error) || causes.some((cause) => error instanceof cause);
}
