import fc from 'fast-check';
import { compileTemplate, isTemplateFault, TemplateFailed, type TemplateData, type TemplateForm } from './index.js';

const example = {
  name: 'ROSE Armance',
  otp: true,
  agency: { name: 'Agence Latour' },
  documents: [{ title: 'Rappel', pages: '2', signed: true }],
  lines: ['1 rue de la Tour'],
};

function compiled(source: string, form?: TemplateForm) {
  const template = compileTemplate(source, example, form);
  if (isTemplateFault(template)) throw new Error(`line ${template.line}: ${template.reason}`);
  return template;
}

const render = (source: string, data: TemplateData = example, form?: TemplateForm): string =>
  compiled(source, form).render(data);

function faultOf(source: string) {
  const template = compileTemplate(source, example);
  return isTemplateFault(template) ? template : null;
}

describe('a template of an agency', () => {
  it('prints its fields, conditions and lists', () => {
    expect(
      render(
        '{{name}}, {{agency.name}}{{#if otp}} (code){{else}} (sans){{/if}} :{{#each documents}} {{title}} {{this.pages}}{{#unless @last}},{{/unless}}{{/each}}. {{#each lines}}{{this}}{{/each}}',
        { ...example, documents: [...example.documents, { title: 'Décompte', pages: '1', signed: false }] },
      ),
    ).toBe('ROSE Armance, Agence Latour (code) : Rappel 2, Décompte 1. 1 rue de la Tour');
    expect(render('{{^if otp}}a{{/if}}{{#if otp}}{{else if name}}b{{else}}c{{/if}}{{! rien }}', { name: 'x' })).toBe(
      'ab',
    );
  });

  it('escapes for HTML, and leaves a text what it is', () => {
    expect(render('{{name}}', { name: `<b>l'été&` })).toBe('&lt;b&gt;l&#x27;été&amp;');
    expect(render('{{name}}', { name: `<b>l'été&` }, 'text')).toBe(`<b>l'été&`);
  });

  it('finds empty what its data lack, and never fails over it', () => {
    const source = '[{{name}}{{agency.name}}{{#if otp}}x{{/if}}{{#each documents}}{{title}}{{/each}}]';
    for (const data of [
      {},
      { name: ['x'], agency: 'x', otp: 'yes', documents: { title: 'x' } },
      { documents: ['x'] },
    ]) {
      expect(render(source, data)).toBe('[]');
    }
  });

  it('tells which fields it prints whatever happens', () => {
    const { prints } = compiled('{{name}}{{#if otp}}{{agency.name}}{{/if}}{{#each lines}}{{this}}{{/each}}');
    expect([...prints]).toEqual(['name']);
  });

  it('is refused with its line, and a French sentence that says what to do', () => {
    expect(faultOf('Bonjour\n\n{{expediteur}}')).toEqual({
      line: 3,
      reason: 'Le champ « expediteur » n’existe pas ici. Champs disponibles : name, otp, agency, documents, lines.',
    });
  });

  it.each([
    ['{{', 1, 'accolades'],
    ['a\n{{name}', 2, 'accolades'],
    ['a\n{{#if otp}}\nb\n\nc', 2, '{{#if}} n’est pas fermé : ajoutez {{/if}}'],
    ['{{#if otp}}\n{{#each lines}}{{/if}}', 2, '{{#each}} est fermé par {{/if}}'],
    ['a\n{{/if}}', 2, 'sans avoir été ouvert'],
    ['a\n{{else}}', 2, '{{else}} est en trop'],
    ['{{#if otp}}{{else}}\n{{else}}{{/if}}', 2, '{{else}} est en trop'],
    ['{{agency}}', 1, 'ne s’imprime pas'],
    ['{{otp}}', 1, '{{#if otp}}'],
    ['{{#each name}}{{/each}}', 1, 'attend une liste'],
    ['{{#each lines}}{{name}}{{/each}}', 1, 'n’existe pas ici'],
    ['{{#each documents}}{{this}}{{/each}}', 1, 'ne s’imprime pas'],
    ['{{@first}}', 1, '@first'],
    ['{{#if otp}}'.repeat(9) + '{{/if}}'.repeat(9), 1, 'plus de 8 blocs'],
  ])('%j is refused at line %i: %s', (source, line, words) => {
    expect(faultOf(source)).toEqual({ line, reason: expect.stringContaining(words) });
    expect(faultOf(source)?.reason).toMatch(/^[\p{Lu}{«].*\.$/su);
  });
});

describe('a hostile template', () => {
  it.each([
    ['x'.repeat(256 * 1024 + 1), 'dépasse'],
    ['{{name}}'.repeat(2_001), 'balises'],
    ['{{#if otp}}'.repeat(2_000) + '{{/if}}'.repeat(2_000), 'balises'],
  ])('is refused before it is parsed when it is too long (%#)', (source, words) => {
    expect(faultOf(source)).toEqual({ line: 1, reason: expect.stringContaining(words) });
  });

  it.each([
    '{{constructor}}',
    '{{__proto__}}',
    '{{toString}}',
    '{{name.length}}',
    '{{agency.constructor.name}}',
    '{{agency.__proto__}}',
    '{{agency.hasOwnProperty}}',
    '{{documents.length}}',
    '{{documents.[0].title}}',
    '{{[constructor]}}',
    '{{this}}',
    '{{.}}',
    '{{this.constructor}}',
    '{{#with agency}}{{name}}{{/with}}',
    '{{#with (lookup this "constructor")}}{{name}}{{/with}}',
    '{{lookup agency "constructor"}}',
    '{{#if (lookup agency "constructor")}}x{{/if}}',
    '{{log name}}',
    '{{helperMissing}}',
    '{{blockHelperMissing name}}',
    '{{if}}',
    '{{if otp name}}',
    '{{each lines}}',
    '{{name name}}',
    '{{name a=1}}',
    '{{"name"}}',
    '{{1}}',
    '{{true}}',
    '{{undefined}}',
    '{{#agency}}{{name}}{{/agency}}',
    '{{^agency}}x{{/agency}}',
    '{{#if}}x{{/if}}',
    '{{#if otp name}}x{{/if}}',
    '{{#if otp includeZero=true}}x{{/if}}',
    '{{#if 1}}x{{/if}}',
    '{{#each lines as |line|}}{{line}}{{/each}}',
    '{{#each this}}{{this}}{{/each}}',
    '{{#each documents}}{{../name}}{{/each}}',
    '{{../name}}',
    '{{agency/../name}}',
    '{{@root.name}}',
    '{{@root}}',
    '{{#each lines}}{{@root.name}}{{/each}}',
    '{{#each lines}}{{@key}}{{/each}}',
    '{{#each lines}}{{@../first}}{{/each}}',
    '{{@partial-block}}',
    '{{{name}}}',
    '{{&name}}',
    '{{> name}}',
    '{{> (lookup this "name")}}',
    '{{#> name}}{{/name}}',
    '{{#*inline "a"}}{{/inline}}',
    '{{* decorator}}',
    '{{{{if otp}}}}x{{{{/if}}}}',
    '{{{{raw}}}}{{name}}{{{{/raw}}}}',
  ])('is refused: %s', (source) => {
    expect(faultOf(source)).toEqual({ line: 1, reason: expect.any(String) });
  });

  it('is no template when it is not a text, such as one that was parsed before', () => {
    expect(compileTemplate({ type: 'Program', body: [] } as unknown as string, example)).toMatchObject({ line: 1 });
  });

  it('reaches nothing of the data but what its example has', () => {
    const secret = 'Agence secrète';
    const data = JSON.parse(
      `{"name":"x","sender":"${secret}","__proto__":{"otp":true},"agency":{"secret":"${secret}"}}`,
    ) as TemplateData;
    const everything =
      '{{name}}{{agency.name}}{{#if otp}}otp{{/if}}{{#each documents}}{{title}}{{/each}}{{#each lines}}{{this}}{{/each}}';
    expect(render(everything, data)).toBe('x');
  });

  it('sees nothing of what somebody put on every object', () => {
    const prototype = Object.prototype as { name?: string };
    prototype.name = 'polluted';
    try {
      expect(render('{{name}}{{agency.name}}', {})).toBe('');
      expect(faultOf('{{documents.name}}')).not.toBeNull();
    } finally {
      delete prototype.name;
    }
  });

  it('takes no more room than it may', () => {
    const documents = Array.from({ length: 5_000 }, () => ({ title: 'x'.repeat(1_000), pages: '1', signed: true }));
    expect(() => render('{{#each documents}}{{title}}{{title}}{{/each}}', { documents })).toThrow(TemplateFailed);
    // A thousand items of a list at most.
    expect(render('{{#each documents}}{{pages}}{{/each}}', { documents })).toHaveLength(1_000);
  });
});

describe('whatever a template is made of', () => {
  const word = fc.constantFrom(
    ...[
      'name',
      'otp',
      'agency.name',
      'documents',
      'lines',
      'title',
      'this',
      'constructor',
      '__proto__',
      'lookup',
      'log',
      'with',
    ],
    ...[
      'if',
      'each',
      'unless',
      'else',
      '../',
      '@root',
      '@first',
      '(',
      ')',
      '"x"',
      '=',
      '|',
      '[',
      ']',
      '>',
      '*',
      '&',
      '^',
      '#',
      '/',
      '!',
      '~',
    ],
  );
  const brace = fc.constantFrom(
    '{{',
    '}}',
    '{{{',
    '}}}',
    '{{{{',
    '}}}}',
    '{{#if ',
    '{{#each ',
    '{{/if}}',
    '{{/each}}',
    '\\',
    ' ',
    '\n',
  );
  const source = fc
    .array(fc.oneof(word, brace, fc.string({ maxLength: 3 })), { maxLength: 25 })
    .map((parts) => parts.join(''));

  it('it is refused with a line of its own, or prints only its text and its data', () => {
    const secrets = { ...example, secret: '\u{1F511}', agency: { ...example.agency, key: '\u{1F511}' } };
    fc.assert(
      fc.property(source, (text) => {
        const template = compileTemplate(text, example, 'text');
        if (isTemplateFault(template)) {
          expect(template.line).toBeGreaterThanOrEqual(1);
          expect(template.line).toBeLessThanOrEqual(text.split('\n').length);
          expect(template.reason).not.toBe('');
          return;
        }
        const printed = template.render(secrets);
        expect(printed).not.toMatch(/\u{1F511}|\[object|function|native code/u);
        expect(template.render(secrets)).toBe(printed);
      }),
      { numRuns: 1_500 },
    );
  });

  it('a well-formed one prints what it says, item by item', () => {
    const piece = fc.oneof(
      fc.constant({ source: '{{name}}', text: 'ROSE' }),
      fc.constant({ source: '{{#if otp}}oui{{else}}non{{/if}}', text: 'non' }),
      fc.constant({ source: '{{#each lines}}{{this}};{{/each}}', text: 'a;b;' }),
      fc
        .string({ maxLength: 5 })
        .map((text) => text.replaceAll(/[{}\\]/g, ''))
        .map((text) => ({ source: text, text })),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.map((one) => one.text).join('');
        const written = pieces.map((one) => one.source).join('');
        expect(render(written, { name: 'ROSE', otp: false, lines: ['a', 'b'] }, 'text')).toBe(text);
      }),
    );
  });
});
