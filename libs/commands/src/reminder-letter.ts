import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { addressLines, fullName, party, type PartyDetails } from '#libs/directory';
import { DocumentStore, layOutLetter, type TemplateData } from '#libs/documents';
import { CommandRefused, EventStore, Keyring } from '#libs/event-store';
import type { Instant, Sender } from '#libs/letter';
import { reminder, shownData, type KnownReminder, type LineData, type ReminderList } from '#libs/reminders';
import { templateFor, templates, type Template, type TemplateKind } from '#libs/templates';
import { partyStream } from './party-commands.js';
import { readTemplate } from './read-template.js';
import { reminderStream } from './reminder-commands.js';
import { templatesStream } from './template-commands.js';

/** The template of each list's letter. */
export const letterKindOf = {
  unpaid: 'letter-unpaid',
  insurance: 'letter-insurance',
  'owner-insurance': 'letter-owner-insurance',
} as const satisfies Record<ReminderList, TemplateKind>;

/** Who writes to whom, about what, and when. */
export interface LetterToWrite {
  readonly sender: Sender;
  readonly line: Pick<KnownReminder, 'list' | 'partyCode' | 'dossier'> & { readonly data: LineData };
  readonly party: PartyDetails;
  /** The day in Paris is the letter's date. */
  readonly at: Instant;
}

/** The letter of a line: a PDF that was supplied with it, or HTML to be printed. `name` is that of the document. */
export type ReminderLetter =
  { readonly name: string; readonly pdf: Buffer } | { readonly name: string; readonly html: string };

const DATE = new Intl.DateTimeFormat('fr-FR', {
  timeZone: 'Europe/Paris',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/**
 * Writes the letter of a line from a template of its list's kind. The same arguments give the same HTML.
 *
 * @throws TemplateFaulty, TemplateFailed
 */
export function writeLetter(
  template: Pick<Template, 'subject' | 'body'>,
  { sender, line, party: addressee, at }: LetterToWrite,
): Extract<ReminderLetter, { html: string }> {
  const name = [addressee.civility, fullName(addressee)].filter(Boolean).join(' ');
  const address = addressee.address ? addressLines(addressee.address) : [];
  const date = DATE.format(new Date(at)).replace(/^1 /, '1er ');
  const data: TemplateData = {
    ...Object.fromEntries(shownData(line.list, line.data).map(({ key, value }) => [key, value])),
    agence: sender.name,
    destinataire: name,
    adresse: address,
    codeTiers: line.partyCode,
    dossier: line.dossier,
    date,
  };
  const { subject, body } = readTemplate(letterKindOf[line.list], template).render(data);
  const references = [
    { label: 'Dossier', value: line.dossier },
    { label: 'Votre code', value: line.partyCode },
  ];
  return {
    name: `${subject || 'Relance'}.pdf`,
    html: layOutLetter({ sender, addressee: [name, ...address], date, references, subject, body }),
  };
}

/**
 * The letter of a line as it would be sent: the supplied PDF, or the agency's template filled in.
 *
 * Fails with `CommandRefused` UNKNOWN_REMINDER or UNKNOWN_PARTY where one of them is not there, or erased; `DocumentMissing`, `DocumentAltered`.
 */
export class LetterOfReminder extends Query<ReminderLetter> {
  /**
   * @param at when it is written: a letter that is made again with the same instant is the same.
   * @param templateName of the list's kind; the agency's default where it is absent, or gone.
   */
  constructor(
    readonly agency: { readonly id: string } & Sender,
    readonly lineId: string,
    readonly at: Instant,
    readonly templateName?: string,
  ) {
    super();
  }
}

@QueryHandler(LetterOfReminder)
export class LetterOfReminderHandler implements IQueryHandler<LetterOfReminder> {
  constructor(
    private readonly store: EventStore,
    private readonly documents: DocumentStore,
    private readonly keyring: Keyring,
  ) {}

  async execute({ agency, lineId, at, templateName }: LetterOfReminder): Promise<ReminderLetter> {
    const stream = reminderStream(agency.id, lineId);
    const { state: line } = await this.store.fold(reminder, stream);
    if (line.status === 'unknown' || line.data === 'erased') throw new CommandRefused('UNKNOWN_REMINDER');
    if (line.document) {
      const key = (await this.keyring.get(stream)).derive('documents');
      const pdf = await this.documents.get(stream, key, line.document.sha256);
      return { name: line.document.name ?? 'Relance.pdf', pdf };
    }
    const { state: addressee } = await this.store.fold(party, partyStream(agency.id, line.partyCode));
    if (addressee.status === 'unknown' || addressee.details === 'erased') throw new CommandRefused('UNKNOWN_PARTY');
    const { state: known } = await this.store.fold(templates, templatesStream(agency.id));
    const template = templateFor(known, letterKindOf[line.list], templateName);
    const { id: _id, ...sender } = agency;
    const { list, partyCode, dossier, data } = line;
    return writeLetter(template, { sender, line: { list, partyCode, dossier, data }, party: addressee.details, at });
  }
}
