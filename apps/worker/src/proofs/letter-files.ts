import { Injectable } from '@nestjs/common';
import { letterStream } from '#libs/commands';
import { DocumentStore, inspectPdf } from '#libs/documents';
import { Keyring } from '#libs/event-store';
import type { DocumentPrint } from '#libs/letter';

/** The documents of a letter, each stored under the letter's own key. */
@Injectable()
export class LetterFiles {
  constructor(
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
  ) {}

  /** Stores a PDF; once more changes nothing. */
  async keep(letterId: string, bytes: Buffer): Promise<DocumentPrint> {
    const { pages } = await inspectPdf(bytes);
    return { ...(await this.documents.put(letterId, await this.key(letterId), bytes)), pages };
  }

  /** @throws DocumentMissing, DocumentAltered */
  async read(letterId: string, { sha256 }: DocumentPrint): Promise<Buffer> {
    return this.documents.get(letterId, await this.key(letterId), sha256);
  }

  private async key(letterId: string): Promise<Buffer> {
    return (await this.keyring.get(letterStream(letterId))).derive('documents');
  }
}
