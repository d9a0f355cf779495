import { renderAcknowledgement, renderTemplate, TemplateFailed } from './index.js';

const render = (source: string, data: Record<string, unknown> = {}) => renderTemplate({ source }, data);

describe('a template', () => {
  it('gets its data, escaped', () => {
    expect(render('<p>{{name}}</p>', { name: '<b>&"' })).toBe('<p>&lt;b&gt;&amp;&quot;</p>');
  });

  it('knows blocks, and nothing that its data lacks', () => {
    expect(render('{{#each rows}}{{this}};{{/each}}{{#if none}}x{{/if}}', { rows: [1, 2], none: null })).toBe('1;2;');
    for (const source of ['{{name}}', '{{person.name}}', '{{day name}}', '{{#each people}}{{name}}{{/each}}']) {
      expect(() => render(source, { person: {}, people: [{}] })).toThrow(TemplateFailed);
    }
  });

  it.each([
    ['day', '2026-03-14T23:30:00.000Z', '15/03/2026'],
    ['longDay', '2026-03-14T23:30:00.000Z', 'dimanche 15 mars 2026'],
    ['dayAndTime', '2026-03-14T13:36:07.000Z', '14/03/2026 à 14:36'],
    ['dayAndSecond', '2026-07-14T13:36:07.000Z', '14/07/2026 à 15:36:07'],
    ['gmt', '2026-07-14T23:36:07.999Z', '14/07/2026 23:36:07 GMT'],
  ])('writes dates as %s', (helper, at, written) => {
    expect(render(`{{${helper} at}}`, { at })).toBe(written);
  });

  it('fails over a date that is none, rather than print it', () => {
    for (const at of ['hier', null, 0, {}]) expect(() => render('{{day at}}', { at })).toThrow(TemplateFailed);
  });

  it.each([
    '{{constructor}}',
    '{{person.constructor.name}}',
    '{{person.__proto__}}',
    '{{#with person}}{{constructor.constructor "x"}}{{/with}}',
    '{{lookup person "constructor"}}',
    '{{log person}}',
    '{{helperMissing}}',
    '{{exec "id"}}',
    '{{#exec}}x{{/exec}}',
    '{{> ../secret}}',
    '{{#*inline "a"}}{{> a}}{{/inline}}{{> a}}',
    '{{#if}',
  ])('of an agency reaches nothing else: %s', (source) => {
    expect(() => render(source, { person: { name: 'x' } })).toThrow(TemplateFailed);
  });

  it('of an agency has a length that a letter may need', () => {
    expect(() => render('x'.repeat(300_000))).toThrow(TemplateFailed);
  });

  it('of an agency learns nothing from what every object inherits', () => {
    expect(render('{{person.toString}}|{{#if person.constructor}}x{{/if}}', { person: {} })).toBe('|');
  });

  it('tells what is wrong with it', () => {
    expect(() => render('{{name}}')).toThrow(/"name" not defined in the data/);
    expect(() => renderAcknowledgement({} as never)).toThrow(/The template acknowledgement cannot be rendered/);
  });

  it('of an agency is a text, never a parsed one that would run as it is', () => {
    const parsed = { type: 'Program', body: [] } as unknown as string;
    expect(() => render(parsed)).toThrow(TemplateFailed);
  });

  it('finds the fonts inside, and loads none', () => {
    const html = render('{{> fonts}}');
    expect(html.match(/src: url\(data:font\/woff2;base64,/g)?.length).toBeGreaterThanOrEqual(24);
    expect(html.replaceAll(/data:font\/woff2;base64,[\w+/=]+/g, '')).not.toMatch(/url\((?!\))|https?:|\.woff/);
  });
});

describe('the acknowledgement of receipt', () => {
  const data = {
    reference: 'LRE_9998_001_20180320143707',
    recipientName: 'M. et Mme CHARPENTIER Jean Luc',
    depositedAt: '2018-03-20T13:37:07.000Z',
    documentCount: 2,
  };
  const text = (html: string) =>
    html
      .replaceAll(/<style>[\s\S]*?<\/style>/g, '')
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ');

  it('says what the manual says', () => {
    const said = text(renderAcknowledgement(data));
    for (const words of [
      'Accusé de réception',
      'Lettre recommandée électronique avec avis de réception',
      'Vous avez reçu une lettre recommandée électronique.',
      'Vous devez signer ce document afin d’accéder au contenu du dossier.',
      data.reference,
      data.recipientName,
      '20/03/2018 à 14:37:07 (heure de Paris) 20/03/2018 13:37:07 GMT',
      'Document 1 de 3',
      '2 documents à consulter',
    ]) {
      expect(said).toContain(words);
    }
    expect(text(renderAcknowledgement({ ...data, documentCount: 1 }))).toContain(' 1 document à consulter');
  });

  it('passes for a qualified service only when one is configured', () => {
    expect(text(renderAcknowledgement(data))).toContain('Service non qualifié');
    const qualified = text(renderAcknowledgement({ ...data, qualification: 'Poste & Cie' }));
    expect(qualified).toContain('Service qualifié d’envoi recommandé électronique : Poste &amp; Cie');
    expect(qualified).not.toContain('non qualifié');
  });

  it('never tells who sent the letter, even when it is handed over', () => {
    const html = renderAcknowledgement(
      Object.assign({}, data, { sender: { name: 'Agence DUPONT' }, agencyCode: 'DUPONT' }),
    );
    expect(html).not.toContain('DUPONT');
  });

  it('keeps a name from becoming markup, and loads nothing', () => {
    const html = renderAcknowledgement({ ...data, recipientName: '<img src=//x>' });
    expect(html).toContain('&lt;img src&#x3D;//x&gt;');
    expect(html).not.toMatch(/<(?:script|img|link|iframe)|https?:\/\//);
  });

  it('fails without a deposit time', () => {
    expect(() => renderAcknowledgement({ ...data, depositedAt: '' })).toThrow(TemplateFailed);
  });
});
