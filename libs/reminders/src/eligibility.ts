import { mayReceive, type PartyDetails, type RegisteredParty } from '#libs/directory';
import type { PartyKind } from '#libs/letter';
import type { ReminderLevel, ReminderList } from './events.js';
import type { KnownReminder } from './state.js';

/** Whom a list addresses (manual IV.1): tenants, and on the third tab owners. */
export const kindOfList: Readonly<Record<ReminderList, PartyKind>> = {
  unpaid: 'tenant',
  insurance: 'tenant',
  'owner-insurance': 'owner',
};

/** Why a line cannot become a registered electronic letter, as people read it. */
export const ineligibilities = {
  SENT: 'Déjà envoyée en lettre recommandée électronique.',
  WITHDRAWN: 'Ligne retirée : rétablissez-la pour l’envoyer.',
  LEVEL: 'Seul le niveau « rappel recommandé (LRAR) » part en lettre recommandée électronique.',
  UNKNOWN_PARTY: 'Aucun tiers ne porte ce code : créez sa fiche.',
  NOT_A_TENANT: 'Ce tiers est un propriétaire : cette liste s’adresse aux locataires.',
  NOT_AN_OWNER: 'Ce tiers est un locataire : cette liste s’adresse aux propriétaires.',
  ARCHIVED: 'Ce tiers est archivé : réactivez sa fiche.',
  NO_CONSENT: 'Accord manquant : enregistrez l’accord du tiers sur sa fiche.',
  CONSENT_WITHDRAWN: 'Accord retiré par le tiers : envoyez la lettre sur papier.',
  NO_EMAIL: 'Adresse e-mail manquante : complétez la fiche du tiers.',
} as const satisfies Record<string, string>;

export type Ineligibility = keyof typeof ineligibilities;

/** What eligibility asks of a third party; a row of the directory has it, and the aggregate by `addresseeOf`. */
export interface Addressee {
  readonly kind: PartyKind;
  readonly professional: boolean;
  readonly consent: RegisteredParty['consent']['status'];
  readonly archived: boolean;
  /** Null once they are erased. */
  readonly details: Pick<PartyDetails, 'email' | 'mobile'> | null;
}

export type Eligibility =
  /** `canReceiveCode`: there is a mobile, which only a code by SMS needs. */
  | { readonly eligible: true; readonly canReceiveCode: boolean }
  | { readonly eligible: false; readonly reason: Ineligibility };

/**
 * Whether a line may become a registered electronic letter (manual IV.1; consent: L. 100 CPCE), and if not, the first reason in
 * the order in which somebody would put it right.
 *
 * @param party undefined where the agency's directory has none of the line's code.
 */
export function eligibility(
  line: Pick<KnownReminder, 'status' | 'list'> & { readonly level: ReminderLevel },
  party: Addressee | undefined,
): Eligibility {
  const reason = ofLine(line) ?? ofParty(kindOfList[line.list], party);
  if (reason !== undefined) return { eligible: false, reason };
  return { eligible: true, canReceiveCode: Boolean(party?.details?.mobile) };
}

function ofLine({ status, level }: Parameters<typeof eligibility>[0]): Ineligibility | undefined {
  if (status === 'sent') return 'SENT';
  if (status === 'withdrawn') return 'WITHDRAWN';
  return level === 'registered' ? undefined : 'LEVEL';
}

function ofParty(kind: PartyKind, party: Addressee | undefined): Ineligibility | undefined {
  if (!party) return 'UNKNOWN_PARTY';
  if (party.kind !== kind) return kind === 'tenant' ? 'NOT_A_TENANT' : 'NOT_AN_OWNER';
  if (party.archived) return 'ARCHIVED';
  if (!mayReceive({ professional: party.professional, consent: { status: party.consent } })) {
    return party.consent === 'withdrawn' ? 'CONSENT_WITHDRAWN' : 'NO_CONSENT';
  }
  return party.details?.email ? undefined : 'NO_EMAIL';
}

/** The addressee of a line as the aggregate knows him: always as new as the last command. */
export function addresseeOf({ kind, professional, consent, archived, details }: RegisteredParty): Addressee {
  return {
    kind,
    professional,
    consent: consent.status,
    archived,
    details: details === 'erased' ? null : details,
  };
}
