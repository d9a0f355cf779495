/** A proof that the service owes for a letter. */
export type Proof = 'deposit' | 'reception' | 'refusal' | 'non-claim';

/** Who may ask for the letter on paper. */
export type PaperRequester = 'sender' | 'non-professional-recipient' | 'professional-recipient';

/** What each proof must state, in the order of the numbered list of article R. 53-2 CPCE and what the others add. */
export type ProofContent =
  | 'sender-name'
  | 'sender-email'
  | 'recipient-name'
  | 'recipient-email'
  | 'unique-number'
  | 'deposit-time'
  | 'seal'
  | 'reception-time'
  | 'refusal-time';

/**
 * The rules of law that a letter lives and is audited under, as data with a version. A released profile is never
 * edited: a change of the law is a new profile with a new name.
 */
export interface LegalProfile {
  readonly name: string;
  /** IANA name of the zone in which days are counted. */
  readonly zone: string;
  /** Days that the recipient has to answer; day 1 is the day after the notice was sent. */
  readonly windowDays: number;
  /** Longest ceremony that may be asked for, in days: the proofs are not kept longer than a year. */
  readonly longestWindowDays: number;
  /** Whether a window shorter than `windowDays` may be asked for, by kind of recipient. */
  readonly shorterWindow: { readonly professional: boolean; readonly nonProfessional: boolean };
  /** The non-claim proof is due by the end of that many days after the last day of the window. */
  readonly nonClaimProofDays: number;
  readonly paperRequesters: readonly PaperRequester[];
  /** From when on the recipient may read who the sender is. */
  readonly senderShownFrom: 'acceptance';
  /** Years, from the event that each proof tells of, for which proofs and documents are kept for the sender. */
  readonly keptYears: number;
  readonly proofs: Readonly<Record<Proof, readonly ProofContent[]>>;
  /** Where each rule comes from. */
  readonly sources: Readonly<Record<string, string>>;
}

const depositProof: readonly ProofContent[] = [
  'sender-name',
  'sender-email',
  'recipient-name',
  'recipient-email',
  'unique-number',
  'deposit-time',
  'seal',
];

/**
 * France, electronic registered letter: Code des postes et des communications électroniques (CPCE), L. 100 and L. 101,
 * R. 53 to R. 53-4 as created by decree 2018-347 of 9 May 2018.
 */
const frCpce2018: LegalProfile = {
  name: 'fr-cpce-2018',
  zone: 'Europe/Paris',
  windowDays: 15,
  longestWindowDays: 365,
  shorterWindow: { professional: true, nonProfessional: false },
  nonClaimProofDays: 1,
  paperRequesters: ['sender', 'non-professional-recipient'],
  senderShownFrom: 'acceptance',
  keptYears: 1,
  proofs: {
    deposit: depositProof,
    reception: [...depositProof, 'reception-time'],
    refusal: [...depositProof, 'refusal-time'],
    'non-claim': depositProof,
  },
  sources: {
    consent: 'CPCE, art. L. 100 et R. 53-4 : consentement préalable du destinataire non professionnel',
    qualification: 'CPCE, art. L. 101 : un service non qualifié ne se présente pas comme qualifié',
    identity: 'CPCE, art. R. 53-1 : identité de l’expéditeur et du destinataire',
    depositProof: 'CPCE, art. R. 53-2 : contenu de la preuve de dépôt, conservée un an',
    window: 'CPCE, art. R. 53-3, I : quinze jours à compter du lendemain de l’envoi de l’information',
    hiddenSender: 'CPCE, art. R. 53-3, I, al. 2 : le destinataire ne connaît pas l’identité de l’expéditeur',
    nonClaimProof: 'CPCE, art. R. 53-3, III : au plus tard le lendemain de l’expiration du délai',
    keptYears: 'CPCE, art. R. 53-2 et R. 53-3 : un an',
    paper: 'CPCE, art. L. 100, et manuel, I : l’expéditeur et le destinataire non professionnel',
  },
};

const profiles: readonly LegalProfile[] = [frCpce2018];

/** The profile that new letters are sent under unless the agency says otherwise. */
export const currentLegalProfile = frCpce2018;

/** The profile of that name, or undefined when this version of the service does not know it. */
export function legalProfile(name: string): LegalProfile | undefined {
  return profiles.find((profile) => profile.name === name);
}
