import { MongoNetworkError, MongoServerSelectionError } from 'mongodb';
import { refusals as creditRefusals } from '#libs/credit';
import { CommandRefused } from '#libs/event-store';
import { refusals as agencyRefusals } from '#libs/directory';
import { refusals as letterRefusals } from '#libs/letter';
import { proofRefusals } from '#libs/proof';

export type FailureCode =
  | 'USAGE'
  | 'UNKNOWN_LETTER'
  | 'CHAIN_BROKEN'
  | 'AUDIT_FAILED'
  | 'DOSSIER_INVALID'
  | 'FILE_UNREADABLE'
  | 'CLOCK_IS_REAL'
  | 'UNKNOWN_PROJECTION'
  | 'NOT_SHOWN'
  | 'DEMO_IN_USE'
  | 'STORE_COPY';

/** Something that the operator can understand and mend; the message is the one sentence that is printed. */
export class CliFailure extends Error {
  constructor(
    readonly code: FailureCode,
    sentence: string,
  ) {
    super(sentence);
    this.name = 'CliFailure';
  }
}

const refusals: Readonly<Record<string, { readonly sentence: string } | undefined>> = {
  ...letterRefusals,
  ...agencyRefusals,
  ...creditRefusals,
  ...proofRefusals,
};

/** One sentence for any failure, without a stack. */
export function sentenceOf(error: unknown): string {
  if (error instanceof CommandRefused) {
    const sentence = refusals[error.code]?.sentence;
    return sentence ? `Refused (${error.code}): ${sentence}` : error.message;
  }
  if (error instanceof MongoServerSelectionError || error instanceof MongoNetworkError) {
    return 'MongoDB does not answer; see that it runs and that MONGODB_URL names it, then try again.';
  }
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return line.trim() || 'It failed without saying why; look at the logs of the services.';
}

/** 2 when there was nothing that could be judged, else 1. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof CliFailure && error.code === 'FILE_UNREADABLE' ? 2 : 1;
