import { Injectable } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { FileOfCampaign, FileOfFiledDocument, LetterOfReminder, type LetterToSubmit } from '#libs/commands';
import { LETTER_NAME, type CampaignIn, type CampaignLetter } from '#libs/campaign';
import type { KnownReminder } from '#libs/reminders';
import { Press } from '../press.js';

type Papers = LetterToSubmit['documents'];
type Paper = Papers[number];

/** The files that go to all recipients, read once for a campaign. */
export type CommonPapers = Promise<Papers>;

/** Brings the documents of a campaign's letters together. */
@Injectable()
export class CampaignPapers {
  constructor(
    private readonly queries: QueryBus,
    private readonly press: Press,
  ) {}

  /** The files from disk, in the order of their choosing. @throws DocumentMissing, DocumentAltered */
  async common(campaignId: string, { files }: CampaignIn<'running'>): CommonPapers {
    return Promise.all(
      files.map(async ({ name, sha256, pages }) => {
        return { name, bytes: await this.queries.execute(new FileOfCampaign(campaignId, sha256)), pages };
      }),
    );
  }

  /**
   * The letter itself, what is filed for its recipient, then the files that go to all.
   *
   * @throws CommandRefused, DocumentMissing, DocumentAltered, PdfRefused, and what the printer throws
   */
  async of(
    campaign: CampaignIn<'running'>,
    letter: CampaignLetter,
    line: KnownReminder,
    common: CommonPapers,
  ): Promise<Papers> {
    const [own, filed, others] = await Promise.all([this.letter(campaign, line), this.filed(campaign, letter), common]);
    return withoutTwins([own, ...filed, ...others]);
  }

  private async letter({ agencyId, senderName, settings, startedAt }: CampaignIn<'running'>, line: KnownReminder) {
    const agency = { id: agencyId, name: senderName ?? '', email: settings.agencyEmail ?? '' };
    const letter = await this.queries.execute(new LetterOfReminder(agency, line.lineId, startedAt));
    if ('html' in letter) return { name: LETTER_NAME, bytes: await this.press.letter(letter.html, startedAt) };
    // It was looked into when it came in with its line.
    return { name: letter.name, bytes: letter.pdf, ...(line.document && { pages: line.document.pages }) };
  }

  private async filed(
    { agencyId }: CampaignIn<'running'>,
    { filed, person }: CampaignLetter,
  ): Promise<readonly Paper[]> {
    if (!filed) return [];
    const { documentId, sha256, pages } = filed;
    const bytes = await this.queries.execute(new FileOfFiledDocument(agencyId, documentId, sha256));
    return [{ name: person?.filedName ?? 'Document.pdf', bytes, pages }];
  }
}

/** A letter bears each document once: what is filed may be the letter itself, or one of the files. */
const withoutTwins = (papers: Papers): Papers =>
  papers.filter(({ bytes }, index) => papers.findIndex((paper) => paper.bytes.equals(bytes)) === index);
