import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { WorkerConfiguration } from '#libs/configuration';
import { PdfPrinter, renderAcknowledgement, type Acknowledgement } from '#libs/documents';

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

  /** Comes after the last reaction has finished. */
  onApplicationShutdown(): Promise<void> {
    return this.printer.close();
  }
}
