import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { evidenceRecord, type ErdsEvent, type RecordFacts } from './evidence-record.js';

const facts: RecordFacts = {
  id: '01962f5e-0000-7000-8000-000000000001',
  event: 'SubmissionAcceptance',
  at: '2018-03-20T13:36:00.000Z',
  profile: 'fr-cpce-2018',
  issuer: { name: 'C=FR, O=Pli, CN=Cachet électronique', certificate: Buffer.from('certificate') },
  sender: { name: 'AGENCE LATOUR', email: 'info@latour.example' },
  recipient: { name: 'M. et Mme CHARPENTIER <Jean & Luc>', email: 'charpentier@example.fr' },
  depositedAt: '2018-03-20T13:36:00.000Z',
  reference: 'LRE_9998_001_20180320143500',
  documents: [{ sha256: 'a'.repeat(64) }, { sha256: 'b'.repeat(64) }],
};

const EVENTS: readonly ErdsEvent[] = [
  'SubmissionAcceptance',
  'SubmissionRejection',
  'NotificationForAcceptance',
  'NotificationForAcceptanceFailure',
  'ConsignmentAcceptance',
  'ConsignmentRejection',
  'AcceptanceRejectionExpiry',
  'ContentConsignment',
  'ContentAccessTracking',
  'ContentHandover',
];
const NEGATIVE = /Rejection|Failure|Expiry/;

/** One of each event, with a reason where there must be one; once as the recipient sees it before acceptance. */
const records = [
  ...EVENTS.map((event) =>
    evidenceRecord({
      ...facts,
      event,
      ...(NEGATIVE.test(event)
        ? { reason: { code: 'refused-by-recipient', details: 'Le destinataire a refusé.' } }
        : {}),
    }),
  ),
  evidenceRecord(withoutSender(facts)),
  evidenceRecord({ ...facts, issuer: { ...facts.issuer, qualification: 'Pli, LRE qualifiée' } }),
];

function withoutSender({ sender: _sender, ...rest }: RecordFacts): RecordFacts {
  return rest;
}

describe('the evidence record', () => {
  it('tells who, what, when and why, with namespaces where the schema has them', () => {
    const reason = { code: 'refused-by-recipient', details: 'Le destinataire a refusé.' };
    expect(evidenceRecord({ ...facts, event: 'ConsignmentRejection', reason })).toMatchSnapshot();
  });

  it('is the same whenever it is written', () => {
    expect(evidenceRecord({ ...facts })).toBe(evidenceRecord(facts));
  });

  it('names no sender when it is not told one', () => {
    expect(evidenceRecord(withoutSender(facts))).toContain('<erds:SenderDetails/>');
    expect(evidenceRecord(withoutSender(facts))).not.toContain('LATOUR');
  });

  it('is well formed whatever people are called', () => {
    const name = 'a\u0000b\u001fc <d> & "e" \ud800 ]]>';
    expect(evidenceRecord({ ...facts, recipient: { name, email: 'x@example.fr' } })).toContain(
      'a\ufffdb\ufffdc &lt;d&gt; &amp; &quot;e&quot; \ufffd ]]&gt;',
    );
  });
});

// The published schema is not ours to copy: this runs where EN319522_XSD names it, with the schemas it imports beside it.
const schema = process.env['EN319522_XSD'];
if (schema) {
  describe('against the published schema', () => {
    it('every record is valid', async () => {
      const { errors, valid } = await validate(records);
      expect(errors).toEqual([]);
      expect(valid).toBe(true);
    });

    it('a record whose parts are in another order is not', async () => {
      const [first = ''] = records;
      const time = /\n *<EventTime>.*<\/EventTime>/.exec(first)?.[0] ?? '';
      const { valid } = await validate([
        first.replace(time, '').replace('</erds:Evidence>', `${time}\n</erds:Evidence>`),
      ]);
      expect(valid).toBe(false);
    });
  });
}

/** xmllint, with the files that the schema imports from the network read from beside it. */
function validate(texts: readonly string[]) {
  const path = schema ?? '';
  const local = (text: string) => text.replaceAll(/schemaLocation="[^"]*\/([^"/]+\.xsd)"/g, 'schemaLocation="$1"');
  const imported = ['xml.xsd', 'xmldsig-core-schema.xsd', 'saml-schema-assertion-2.0.xsd', 'xenc-schema.xsd'];
  const beside = (fileName: string) => ({
    fileName,
    contents: local(readFileSync(join(dirname(path), fileName), 'utf8')),
  });
  return validateXML({
    xml: texts.map((contents, index) => ({ fileName: `record-${String(index)}.xml`, contents })),
    schema: [{ fileName: 'schema.xsd', contents: local(readFileSync(path, 'utf8')) }],
    preload: imported.map(beside),
  });
}
