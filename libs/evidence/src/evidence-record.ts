import { element, xmlText, type Element } from './xml.js';

/** The events of EN 319 522-1 that a letter can have; their URI is `http://uri.etsi.org/19522/Event/<name>`. */
export type ErdsEvent =
  | 'SubmissionAcceptance'
  | 'SubmissionRejection'
  | 'NotificationForAcceptance'
  | 'NotificationForAcceptanceFailure'
  | 'ConsignmentAcceptance'
  | 'ConsignmentRejection'
  | 'AcceptanceRejectionExpiry'
  | 'ContentConsignment'
  | 'ContentAccessTracking'
  | 'ContentHandover';

/** Somebody with an address. */
export interface Person {
  readonly name: string;
  readonly email: string;
}

/** What a record tells. Instants are ISO 8601, UTC. */
export interface RecordFacts {
  /** The id of the event that it tells of: a UUID. */
  readonly id: string;
  readonly event: ErdsEvent;
  /** Why, for every rejection, failure and expiry. */
  readonly reason?: { readonly code: string; readonly details: string };
  readonly at: string;
  /** The legal profile that the letter was sent under. */
  readonly profile: string;
  readonly issuer: {
    /** As its seal certificate names it. */
    readonly name: string;
    /** DER. */
    readonly certificate: Uint8Array;
    /** Name of the entry in the trusted list; without one the service is not a qualified one. */
    readonly qualification?: string | undefined;
  };
  /** Absent in what the recipient may see before he has accepted. */
  readonly sender?: Person;
  readonly recipient: Person;
  readonly depositedAt: string;
  /** The letter's unique number, `LRE_9998_001_20180320143707`. */
  readonly reference: string;
  readonly documents: readonly { readonly sha256: string }[];
}

const SHA_256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const NAMESPACES = {
  'xmlns:erds': 'http://uri.etsi.org/19522/v1#',
  'xmlns:ds': 'http://www.w3.org/2000/09/xmldsig#',
  'xmlns:saml': 'urn:oasis:names:tc:SAML:2.0:assertion',
} as const;
const COMMON_NAME = 'urn:oid:2.5.4.3';
const MAIL = 'urn:oid:0.9.2342.19200300.100.1.3';
const TRUSTED_LIST = 'urn:x-pli:trusted-list-entry';

/**
 * The evidence record of an event in XML (EN 319 522-3). The same facts give the same bytes.
 *
 * The schema has no `elementFormDefault`: elements that it declares locally bear no namespace, those that it refers to do.
 */
export function evidenceRecord(facts: RecordFacts): string {
  const { id, event, at, profile, issuer, sender, recipient, depositedAt, reference, documents } = facts;
  return xmlText(
    element(
      'erds:Evidence',
      [
        element('erds:EvidenceIdentifier', id),
        element('erds:ERDSEventId', `http://uri.etsi.org/19522/Event/${event}`),
        reasons(facts),
        element('EventTime', at),
        element('erds:EvidenceIssuerPolicyID', [element('PolicyID', `urn:x-pli:legal-profile:${profile}`)]),
        element('erds:EvidenceIssuerDetails', [
          identity({ [COMMON_NAME]: issuer.name, [TRUSTED_LIST]: issuer.qualification }),
          element('erds:CertificateDetails', [
            element('X509Certificate', Buffer.from(issuer.certificate).toString('base64')),
          ]),
        ]),
        element('erds:SenderDetails', sender ? person(sender) : []),
        element('erds:RecipientDetails', person(recipient)),
        element('erds:SubmissionTime', depositedAt),
        element('EvidenceRefersToRecipient', '1'),
        element('erds:MessageIdentifier', reference),
        element('erds:UserContentInfo', [
          element('ComposingParts', String(documents.length)),
          element('erds:PartsInfo', documents.map(part)),
        ]),
      ],
      { ...NAMESPACES, version: 'EN319522v1.2.1', Id: `ev-${id}` },
    ),
  );
}

function reasons({ reason }: RecordFacts): Element | undefined {
  if (!reason) return undefined;
  const code = element('Code', `urn:x-pli:reason:${reason.code}`);
  return element('erds:EventReasons', [element('erds:EventReason', [code, element('Details', reason.details)])]);
}

const person = ({ name, email }: Person): Element[] => [
  identity({ [COMMON_NAME]: name, [MAIL]: email }),
  element('Identifier', email, { IdentifierSchemeName: 'mailto' }),
];

/** SAML 2.0 attributes (saml-core §2.7.3.1), by the names of the directory attributes. */
function identity(attributes: Readonly<Record<string, string | undefined>>): Element {
  const known = Object.entries(attributes).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return element(
    'erds:Identity',
    known.map(([name, value]) =>
      element('saml:Attribute', [element('saml:AttributeValue', value)], {
        Name: name,
        NameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
      }),
    ),
  );
}

const part = ({ sha256 }: { readonly sha256: string }): Element =>
  element('erds:PartInfo', [
    element('Identifier', sha256),
    element('ContentType', 'application/pdf'),
    element('ds:DigestMethod', [], { Algorithm: SHA_256 }),
    element('ds:DigestValue', Buffer.from(sha256, 'hex').toString('base64')),
  ]);
