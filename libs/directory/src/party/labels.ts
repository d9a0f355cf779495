import type { PartyKind } from '#libs/letter';
import type { ConsentMeans, PartyDetails, PartyEvent, PostalAddress } from './events.js';
import { evolve, initial, type Party, type RegisteredParty } from './state.js';

/** What an agency reads as the means of a consent or of its withdrawal. */
export const consentMeansLabels: Readonly<Record<ConsentMeans, string>> = {
  letter: 'Courrier ou formulaire signé',
  contract: 'Clause du bail ou du mandat',
  email: 'E-mail',
  online: 'Espace en ligne',
  'in-person': 'Signature à l’agence',
};

/** The name under which a third party receives letters; both names of a couple. */
export const fullName = ({ name, secondName }: Pick<PartyDetails, 'name' | 'secondName'>): string =>
  secondName === undefined ? name : `${name} et ${secondName}`;

/** The lines of an address, as they stand on an envelope, without the name. */
export function addressLines({ street, complement, postcode, city, country }: PostalAddress): readonly string[] {
  return [complement, street, `${postcode} ${city}`, country].filter((line) => line !== undefined);
}

const kinds: Readonly<Record<PartyKind, string>> = { tenant: 'locataire', owner: 'propriétaire' };

/** `2026-03-14` as people in France write it. */
const french = (day: string): string => day.split('-').toReversed().join('/');

/** One French line for each event of a third party, in their order; a change tells what was and what is. */
export function partyTimeline(events: readonly PartyEvent[]): readonly string[] {
  let state: Party = initial;
  return events.map((event) => {
    const before = state;
    state = evolve(state, event);
    return lineOf(event, before, state);
  });
}

function lineOf(event: PartyEvent, before: Party, after: Party): string {
  switch (event.type) {
    case 'PartyRegistered':
      return 'Fiche créée';
    case 'PartyChanged': {
      const isKnown = before.status === 'registered' && after.status === 'registered';
      const changes = isKnown ? partyChanges(before, after) : [];
      return changes.length > 0 ? `Fiche modifiée : ${changes.join(' ; ')}` : 'Fiche modifiée';
    }
    case 'ConsentGiven': {
      const { givenOn, how } = event.data;
      return `Accord donné le ${french(givenOn)} (${lowered(consentMeansLabels[how])})`;
    }
    case 'ConsentWithdrawn': {
      const { withdrawnOn, how } = event.data;
      return `Accord retiré le ${french(withdrawnOn)} (${lowered(consentMeansLabels[how])})`;
    }
    case 'PartyArchived':
      return 'Tiers archivé';
    case 'PartyReactivated':
      return 'Tiers réactivé';
  }
}

const lowered = (label: string): string => (/^E-/.test(label) ? label : label.charAt(0).toLowerCase() + label.slice(1));

type Described = Pick<RegisteredParty, 'kind' | 'professional' | 'details'>;

/** Each field by its label, as people read it; what is personal is absent once it is erased. */
function readable({ kind, professional, details }: Described): Readonly<Record<string, string>> {
  const standing = { qualité: kinds[kind], professionnel: professional ? 'oui' : 'non' };
  if (details === 'erased') return standing;
  return {
    ...standing,
    civilité: details.civility ?? '',
    nom: details.name,
    'second nom': details.secondName ?? '',
    'adresse e-mail': details.email,
    mobile: details.mobile ?? '',
    'adresse postale': details.address ? addressLines(details.address).join(', ') : '',
  };
}

/** What differs between two descriptions of a third party, in French, a text for each field. */
export function partyChanges(before: Described, after: Described): readonly string[] {
  const [old, now] = [readable(before), readable(after)];
  return Object.entries(now)
    .filter(([label, value]) => label in old && old[label] !== value)
    .map(([label, value]) => `${label} « ${old[label] || 'vide'} » devient « ${value || 'vide'} »`);
}
