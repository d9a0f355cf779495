import type { Browser, Program, Answer } from './clients.js';

/** A third party as the API takes it. */
export const thirdParty = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  kind: 'tenant',
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  secondName: 'CHARPENTIER Marie',
  email: 'jl.charpentier@exemple.example',
  mobile: '06 12 34 56 78',
  address: { street: '1 rue de la Tour', postcode: '57000', city: 'Metz' },
  ...changes,
});

/** The same third party as the page's form sends it. */
export const partyFields = (changes: Record<string, string> = {}): Record<string, string> => ({
  code: '40017',
  kind: 'tenant',
  civility: 'M. et Mme',
  name: 'CHARPENTIER Jean Luc',
  secondName: 'CHARPENTIER Marie',
  email: 'jl.charpentier@exemple.example',
  mobile: '06 12 34 56 78',
  street: '1 rue de la Tour',
  complement: '',
  postcode: '57000',
  city: 'Metz',
  country: '',
  ...changes,
});

/** One grey pixel. */
export const png = (): File =>
  new File(
    [
      Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
        'base64',
      ),
    ],
    'Accord signé.png',
    { type: 'image/png' },
  );

const JSON_TYPE = { 'content-type': 'application/json' };

export const putParty = (program: Program, code: string, body: unknown): Promise<Answer> =>
  program.request(`/api/third-parties/${encodeURIComponent(code)}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: JSON_TYPE,
  });

export function giveConsent(
  program: Program,
  code: string,
  proof: File | undefined,
  consent: unknown = { givenOn: '2026-01-05', how: 'letter' },
): Promise<Answer> {
  const form = new FormData();
  if (consent !== undefined) form.append('consent', typeof consent === 'string' ? consent : JSON.stringify(consent));
  if (proof) form.append('proof', proof);
  return program.request(`/api/third-parties/${code}/consent`, { method: 'POST', body: form });
}

export const withdraw = (program: Program, code: string, body: unknown): Promise<Answer> =>
  program.request(`/api/third-parties/${code}/consent/withdrawal`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: JSON_TYPE,
  });

export function consentForm(
  browser: Browser,
  code: string,
  fields: Record<string, string>,
  proof?: File,
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (proof) form.append('proof', proof);
  return browser.upload(`/tiers/${code}/accord`, form);
}
