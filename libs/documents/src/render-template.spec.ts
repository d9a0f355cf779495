import { renderAcknowledgement, TemplateFailed } from './index.js';

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

  it('fails over a deposit time that is none, rather than print it', () => {
    for (const depositedAt of ['', 'hier', null, 0, {}] as string[]) {
      expect(() => renderAcknowledgement({ ...data, depositedAt })).toThrow(TemplateFailed);
    }
  });

  it('tells what its data lack', () => {
    expect(() => renderAcknowledgement({} as never)).toThrow(/The template acknowledgement cannot be rendered/);
  });

  it('finds the fonts inside, and loads none', () => {
    const html = renderAcknowledgement(data);
    expect(html.match(/src: url\(data:font\/woff2;base64,/g)?.length).toBeGreaterThanOrEqual(24);
    expect(html.replaceAll(/data:font\/woff2;base64,[\w+/=]+/g, '')).not.toMatch(/url\((?!\))|https?:|\.woff/);
  });
});
