import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { WorkerConfiguration } from '#libs/configuration';
import {
  PdfPrinter,
  renderAcknowledgement,
  renderAddressPage,
  renderJobTicket,
  renderProof,
  type Acknowledgement,
  type Envelope,
  type ProofDocument,
} from '#libs/documents';
import { sheetsOf, weightWords } from '#libs/letter';

/** Where Chromium is unless PUPPETEER_EXECUTABLE_PATH says otherwise. */
const DEFAULT_BROWSER = '/usr/bin/chromium';

/** Prints what the worker has to print, with one browser. */
@Injectable()
export class Press implements OnApplicationShutdown {
  private readonly printer = new PdfPrinter({
    executablePath: process.env['PUPPETEER_EXECUTABLE_PATH'] || DEFAULT_BROWSER,
  });

  constructor(private readonly configuration: WorkerConfiguration) {}

  /**
   * The document that the recipient signs.
   *
   * @throws PrinterBusy, PrinterUnavailable, PrinterClosed; PrintFailed when it is the document's fault
   */
  acknowledgement(facts: Omit<Acknowledgement, 'qualification'>): Promise<Buffer> {
    const html = renderAcknowledgement({ ...facts, qualification: this.configuration.PLI_QUALIFICATION });
    return this.printer.print(html, { createdAt: facts.depositedAt });
  }

  /**
   * A letter that was made from an agency's template.
   *
   * @param createdAt ISO 8601 instant that the file bears as its date.
   * @throws as `acknowledgement`
   */
  letter(html: string, createdAt: string): Promise<Buffer> {
    return this.printer.print(html, { createdAt });
  }

  /**
   * The first sheet in an envelope.
   *
   * @throws PrinterBusy, PrinterUnavailable, PrinterClosed; PrintFailed when it is the document's fault
   */
  addressPage(envelope: Omit<Envelope, 'qualification'>): Promise<Buffer> {
    const html = renderAddressPage({ ...envelope, qualification: this.configuration.PLI_QUALIFICATION });
    return this.printer.print(html, { createdAt: envelope.requestedAt });
  }

  /**
   * The ticket that goes with a print job of so many pages.
   *
   * @throws PrinterBusy, PrinterUnavailable, PrinterClosed; PrintFailed when it is the document's fault
   */
  jobTicket(envelope: Omit<Envelope, 'qualification'>, pages: number): Promise<Buffer> {
    const sheets = sheetsOf(pages);
    const html = renderJobTicket(envelope, { pages, sheets, weight: weightWords(sheets) });
    return this.printer.print(html, { createdAt: envelope.requestedAt });
  }

  /**
   * A proof, still without seal.
   *
   * @param createdAt ISO 8601 instant of what it is a proof of
   * @throws PrinterBusy, PrinterUnavailable, PrinterClosed; PrintFailed when it is the document's fault
   */
  proof(document: ProofDocument, createdAt: string): Promise<Buffer> {
    return this.printer.print(renderProof(document), { createdAt });
  }

  /** Comes after the last reaction has finished. */
  onApplicationShutdown(): Promise<void> {
    return this.printer.close();
  }
}
