import { layOutMail, previewMail } from './index.js';

const link = 'https://lre.example/lre/1/abc?x=1&y=(2)';
const words = (body: string) => ({ subject: 'Objet <1>', body, link });
const rendered = (html: string): string =>
  html
    .replace(/^[\s\S]*?<body/, '<body')
    .replaceAll(/<br>/g, '\n')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/[ \t]+/g, ' ');

describe('an e-mail', () => {
  const body = `# Titre

Bonjour,
deux lignes

> Encadré

- Dossier : 001
- Réponse : 550 : inconnu
- sans libellé
[Cliquez ici](${link})

Ou [ici](${link}), ou ${link}.`;

  it('has every piece of the simple form in its text', () => {
    expect(layOutMail(words(body)).text).toContain(`Titre

Bonjour,
deux lignes

Encadré

Dossier : 001
Réponse : 550 : inconnu
sans libellé

Cliquez ici :
${link}

Ou ici : ${link}, ou ${link}.`);
  });

  it('has every piece in its HTML, the button as a link', () => {
    const { html } = layOutMail(words(body));
    expect(html).toMatch(/<p [^>]*>Titre<\/p>/);
    expect(html).toMatch(/Bonjour,<br>deux lignes/);
    expect(html).toMatch(/<td bgcolor="#e9edf8"[^>]*>Encadré/);
    expect(html).toMatch(/>Dossier<\/span><br>001</);
    expect(html).toMatch(/>Réponse<\/span><br>550 : inconnu</);
    expect(html.match(/<a href="https:\/\/lre\.example\/lre\/1\/abc\?x&#x3D;1&amp;y&#x3D;\(2\)"/g)).toHaveLength(4);
    expect(html).toContain('<title>Objet &lt;1&gt;</title>');
  });

  it('leads nowhere but to its link, whatever was filled in', () => {
    const hostile =
      '[Cliquez](https://mal.example/)\n\n<a href="https://mal.example/">x</a> javascript:alert(1)\n\n[x](javascript:alert(1))';
    const { html } = layOutMail(words(hostile));
    expect(html).not.toMatch(/<a |<script|<img/);
    expect(rendered(html)).toContain('[Cliquez](https://mal.example/)');
    expect(layOutMail({ ...words('[a]() b'), link: '' }).html).not.toContain('<a ');
  });

  it('says that the service is not qualified, in both parts, unless it is (L. 101 CPCE)', () => {
    const plain = layOutMail(words('x'));
    const qualified = layOutMail(words('x'), 'Pli & Cie LRE');
    for (const part of ['text', 'html'] as const) {
      expect(plain[part]).toContain('Service non qualifié');
      expect(qualified[part]).not.toContain('non qualifié');
    }
    expect(qualified.text).toContain('Service qualifié : Pli & Cie LRE');
    expect(qualified.html).toContain('Service qualifié : Pli &amp; Cie LRE');
  });

  it('shows mail programs its headline or frame first', () => {
    const summary = (text: string) => /opacity:0;">([^<]*)</.exec(layOutMail(words(text)).html)?.[1];
    expect(summary('Bonjour\n\n> Avant le 4')).toBe('Avant le 4');
    expect(summary('Bonjour,\nvous')).toBe('Bonjour, vous');
    expect(summary('')).toBe('');
  });
});

test('the preview shows subject, HTML and text, and runs and loads nothing', () => {
  const page = previewMail(words('# Titre\n\n[Signer](https://lre.example/lre/1/abc?x=1&y=(2))'));
  expect(rendered(page)).toMatch(
    /Objet\s+Objet &lt;1&gt;[\s\S]+Titre[\s\S]+Signer[\s\S]+Version en texte seul[\s\S]+Signer :/,
  );
  expect(page).not.toMatch(/<script|<link|<img|src=|url\(/);
});
