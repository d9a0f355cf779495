import { fullName, type PartyDetails, type PartyEvent } from '#libs/directory';
import { projection, searchTerms, write, type Write } from '#projections/engine';

const PREFIX = 'party-';

/** The directory of an agency: a document for each third party, named as its stream. */
export const thirdPartiesProjection = projection<PartyEvent>({
  name: 'third-parties',
  version: 1,
  prefixes: [PREFIX],
  indexes: [
    { key: { agencyId: 1, archived: 1, sortName: 1, code: 1 } },
    { key: { agencyId: 1, code: 1 } },
    { key: { agencyId: 1, searchTerms: 1 } },
  ],
  on: {
    PartyRegistered: ({ stream, event: { data, personal } }) =>
      write(stream, {
        agencyId: data.agencyId,
        ...described(data, personal),
        consent: 'none',
        consentDay: null,
        archived: false,
        changedAt: data.at,
      }),
    PartyChanged: ({ stream, event: { data, personal } }) =>
      write(stream, { ...described(data, personal), changedAt: data.at }),
    ConsentGiven: ({ stream, event: { data } }) =>
      write(stream, { consent: 'given', consentDay: data.givenOn, changedAt: data.at }),
    ConsentWithdrawn: ({ stream, event: { data } }) =>
      write(stream, { consent: 'withdrawn', consentDay: data.withdrawnOn, changedAt: data.at }),
    PartyArchived: ({ stream, event: { data } }) => write(stream, { archived: true, changedAt: data.at }),
    PartyReactivated: ({ stream, event: { data } }) => write(stream, { archived: false, changedAt: data.at }),
  },
});

type Standing = Pick<Extract<PartyEvent, { type: 'PartyChanged' }>['data'], 'code' | 'kind' | 'professional'>;

/** `details` is null, and nothing is found but by the code, once the key of the third party has been destroyed. */
function described({ code, kind, professional }: Standing, details: PartyDetails | undefined): Write['set'] {
  const name = details && fullName(details);
  return {
    code,
    kind,
    professional,
    details: details ?? null,
    sortName: searchTerms(name).join(' '),
    searchTerms: searchTerms(code, name, details?.email),
  };
}
