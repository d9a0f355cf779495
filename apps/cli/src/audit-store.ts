import type { QueryBus } from '@nestjs/cqrs';
import { ProofsOfLetter } from '#libs/commands';
import { CHAIN_START, linkFault, type Head } from '#libs/chain';
import { chainLink, type StoredEvent } from '#libs/event-store';
import type { Trust } from '#libs/evidence';
import type { LetterEvent } from '#libs/letter';
import type { ProofEvent } from '#libs/proof';
import { documentFinding, proofFinding, trustOf, wrong, type Finding } from './audit.js';
import { CliFailure } from './failure.js';
import { withStores, type Print } from './operator.js';

/** Every stream of ours: their names begin with a small letter, the store's own with a dollar sign. */
const PREFIXES = Array.from({ length: 26 }, (_, index) => String.fromCharCode(0x61 + index));
const LETTER = 'letter-';
const EVIDENCE = 'evidence-';

/**
 * Reads the whole store once, in the order of its log, and verifies the chain of every stream, the documents of every letter and every issued proof.
 * Prints each thing that is wrong, then how much was checked and how fast.
 *
 * @throws CliFailure AUDIT_FAILED after everything was printed, when something is wrong.
 */
export function verifyStore(environment: NodeJS.ProcessEnv, print: Print): Promise<void> {
  const trust = trustOf(environment);
  return withStores(environment, async ({ eventStore, queries }) => {
    const audit = new StoreAudit(queries, trust, print);
    const stop = new AbortController();
    const began = performance.now();
    const everything = { prefixes: PREFIXES, from: 'start', signal: stop.signal } as const;
    for await (const { events, caughtUp } of eventStore.subscribeInBatches(everything)) {
      await audit.read(events);
      if (caughtUp) break;
    }
    stop.abort();
    const seconds = (performance.now() - began) / 1_000;
    const { streams, events, documents, proofs, failed } = audit.counts;
    const checked = `${streams} streams, ${events} events, ${documents} documents, ${proofs} proofs`;
    print(`checked ${checked} in ${seconds.toFixed(1)} s`);
    if (failed > 0) {
      throw new CliFailure(
        'AUDIT_FAILED',
        `${failed} checks failed: see the lines with "WRONG"; compare with a backup.`,
      );
    }
  });
}

/** What was read so far: where the chain of each stream is, and how much was checked. */
class StoreAudit {
  private readonly heads = new Map<string, Head>();
  /** Streams whose chain is broken: after the break nothing of them can be vouched for. */
  private readonly broken = new Set<string>();
  private events = 0;
  private documents = 0;
  private proofs = 0;
  private failed = 0;

  constructor(
    private readonly queries: QueryBus,
    private readonly trust: Trust,
    private readonly print: Print,
  ) {}

  get counts() {
    const { events, documents, proofs, failed } = this;
    return { streams: this.heads.size, events, documents, proofs, failed };
  }

  /** Chains in order; documents and proofs of one batch at the same time. */
  async read(events: readonly StoredEvent[]): Promise<void> {
    for (const event of events) this.follow(event);
    const findings = await Promise.all(events.map((event) => this.contentsOf(event)));
    for (const finding of findings.flat()) this.tell(finding);
  }

  private follow(stored: StoredEvent): void {
    const { stream } = stored;
    const head = this.heads.get(stream) ?? { length: 0, chain: CHAIN_START };
    const link = chainLink(stored);
    this.events += 1;
    const fault = linkFault(head, link);
    if (fault && !this.broken.has(stream)) {
      this.broken.add(stream);
      this.tell(wrong(`chain of ${stream}`, `${fault} at revision ${String(head.length)}`));
    }
    this.heads.set(stream, { length: head.length + 1, chain: link.chain });
  }

  private async contentsOf({ stream, event }: StoredEvent): Promise<readonly Finding[]> {
    if (stream.startsWith(LETTER)) return this.documentsOf(stream.slice(LETTER.length), event as LetterEvent);
    if (stream.startsWith(EVIDENCE)) return this.proofOf(stream.slice(EVIDENCE.length), event as ProofEvent);
    return [];
  }

  private documentsOf(letterId: string, event: LetterEvent): Promise<readonly Finding[]> {
    const prints =
      event.type === 'Submitted'
        ? event.data.documents
        : event.type === 'Deposited'
          ? [event.data.acknowledgement]
          : [];
    this.documents += prints.length;
    return Promise.all(prints.map(({ sha256 }) => documentFinding(this.queries, letterId, sha256)));
  }

  private async proofOf(letterId: string, event: ProofEvent): Promise<readonly Finding[]> {
    if (event.type !== 'TimestampObtained') return [];
    this.proofs += 1;
    const { state } = await this.queries.execute(new ProofsOfLetter(letterId));
    const issued = state.filter(({ proof }) => proof === event.data.proof);
    return Promise.all(issued.map((proof) => proofFinding(this.queries, letterId, { proof, trust: this.trust })));
  }

  private tell({ holds, words }: Finding): void {
    if (holds) return;
    this.failed += 1;
    this.print(words);
  }
}
