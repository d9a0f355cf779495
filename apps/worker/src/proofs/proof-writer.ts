import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { WorkerConfiguration } from '#libs/configuration';
import { PROOF_TEMPLATE } from '#libs/documents';
import { archivalPdf, recordOfProof, SealingOffice } from '#libs/evidence';
import { proofLabels, type ProofFacts } from '#libs/proof';
import { Press } from '../press.js';
import { proofDocument } from './proof-document.js';

/** A proof that is written: the PDF with the place for its seal, and what must be known to write it again. */
export interface WrittenProof {
  readonly draft: Buffer;
  /** Hex SHA-256 of the evidence record inside. */
  readonly record: string;
  readonly template: string;
  readonly qualification?: string;
}

/** In whose name a proof is written. */
export interface WrittenBy {
  readonly issuer: { readonly name: string; readonly certificate: Buffer };
  /** Name of the entry in the trusted list, if there is one. */
  readonly qualification: string | undefined;
}

/** Writes proofs: an archival PDF from the template, with the evidence record (EN 319 522-3) inside. */
@Injectable()
export class ProofWriter {
  constructor(
    private readonly press: Press,
    private readonly office: SealingOffice,
    private readonly configuration: WorkerConfiguration,
  ) {}

  /** Writes a proof in the name that the service has now. @throws PrinterBusy, PrinterUnavailable, PrinterClosed, PrintFailed */
  async write(facts: ProofFacts): Promise<WrittenProof> {
    const { PLI_QUALIFICATION: qualification } = this.configuration;
    const by = { issuer: this.office.issuer, qualification };
    return {
      draft: await this.draft(facts, by),
      record: createHash('sha256').update(recordOf(facts, by)).digest('hex'),
      template: PROOF_TEMPLATE,
      ...(qualification ? { qualification } : {}),
    };
  }

  /** The PDF with the place for the seal. The same facts in the same name give the same bytes. @throws as `write` */
  async draft(facts: ProofFacts, by: WrittenBy): Promise<Buffer> {
    const createdAt = facts.event.data.at;
    const document = proofDocument(facts, by.issuer.name, by.qualification);
    return archivalPdf(await this.press.proof(document, createdAt), {
      title: `${proofLabels[facts.kind]} ${facts.terms.reference}`,
      createdAt,
      attached: {
        name: `${facts.terms.reference}-${facts.kind}.xml`,
        description: 'Preuve au format ETSI EN 319 522-3',
        mediaType: 'text/xml',
        bytes: Buffer.from(recordOf(facts, by)),
      },
      sealedBy: by.issuer.name,
    });
  }
}

const recordOf = (facts: ProofFacts, { issuer, qualification }: WrittenBy): string =>
  recordOfProof(facts, { ...issuer, qualification });
