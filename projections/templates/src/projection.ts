import type { TemplateEvent } from '#libs/templates';
import { projection, write } from '#projections/engine';

interface Named {
  readonly kind: string;
  readonly name: string;
}

/** A document for each template that an agency saved, and one for each kind whose default it chose. */
export const templatesProjection = projection<TemplateEvent>({
  name: 'templates',
  version: 1,
  prefixes: ['templates-'],
  indexes: [{ key: { agencyId: 1, kind: 1, name: 1 } }],
  on: {
    TemplateSaved: ({ stream, event: { data } }) => {
      const { agencyId, kind, name, subject = '', body, at } = data;
      const fields = { agencyId, kind, name, subject, body, savedAt: at, failure: null, isRemoved: false };
      return write(documentOf(stream, data), fields);
    },
    TemplateRemoved: ({ stream, event: { data } }) => write(documentOf(stream, data), { isRemoved: true }),
    TemplateReset: ({ stream, event: { data } }) => write(documentOf(stream, data), { isRemoved: true }),
    TemplateFailed: ({ stream, event: { data } }) => {
      const { reason, letterId, at } = data;
      return write(documentOf(stream, data), { failure: { reason, letterId, at } });
    },
    DefaultTemplateChosen: ({ stream, event: { data } }) => {
      const { agencyId, kind, name } = data;
      return write(`${stream}/${kind}`, { agencyId, kind, chosen: name });
    },
  },
});

/** No name holds a slash. */
const documentOf = (stream: string, { kind, name }: Named): string => `${stream}/${kind}/${name}`;
