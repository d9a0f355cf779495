import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';

const FOLDER = new URL('./', import.meta.url);
type Form = 'text' | 'html';

/** The two parts of an e-mail. */
export type MailParts = Readonly<Record<Form, string>>;

/** What every e-mail needs beside its own words. */
export interface MailContext {
  readonly subject: string;
  /** The line that mail programs show beside the subject. */
  readonly preview: string;
}

/** Code asks for an e-mail that has no template. */
class MailTemplateMissing extends Error {
  readonly code = 'MAIL_TEMPLATE_MISSING';
  constructor(name: string) {
    super(`There is no e-mail template ${name}.hbs: add it to apps/worker/src/mails.`);
    this.name = 'MailTemplateMissing';
  }
}

/**
 * The templates of this folder: `<name>.text.hbs` and `<name>.html.hbs` are the two parts of one e-mail, `_<name>` a piece of
 * several, and `layout` goes around. They are read once, at start, so that a broken one stops the start and not a notice.
 */
export class MailTemplates {
  private readonly handlebars = Handlebars.create();
  private readonly templates = new Map<string, Handlebars.TemplateDelegate>();

  /** @param qualification entry of the trusted list; without it every e-mail says « service non qualifié » (L.101 CPCE). */
  constructor(private readonly qualification?: string) {
    for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.hbs'))) {
      const name = file.slice(0, -'.hbs'.length);
      const source = readFileSync(new URL(file, FOLDER), 'utf8');
      // In plain text there is nothing to escape: an apostrophe must stay one.
      const options = { noEscape: name.endsWith('.text'), strict: true };
      if (name.startsWith('_'))
        this.handlebars.registerPartial(name.slice(1), this.handlebars.compile(source, options));
      else this.templates.set(name, this.handlebars.compile(source, options));
    }
  }

  /** @throws MailTemplateMissing */
  render(name: string, context: MailContext & Record<string, unknown>): MailParts {
    const part = (form: Form): string => {
      const content = new Handlebars.SafeString(this.template(`${name}.${form}`)(context).trim());
      return this.template(`layout.${form}`)({ ...context, qualification: this.qualification, content });
    };
    return { text: part('text'), html: part('html') };
  }

  private template(name: string): Handlebars.TemplateDelegate {
    const template = this.templates.get(name);
    if (!template) throw new MailTemplateMissing(name);
    return template;
  }
}
