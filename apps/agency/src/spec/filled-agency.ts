import { createHash } from 'node:crypto';
import { draftCampaign } from './campaigns.js';
import { jsonOf } from './clients.js';
import { fileDocuments } from './filed-documents.js';
import { letter, pdf } from './papers.js';
import { giveConsent, png, putParty, thirdParty } from './parties.js';
import { putLineWith, reminderLine } from './reminders.js';
import type { Owned } from './routes.js';
import type { Registered, RunningAgency } from './running-agency.js';

/** An agency with one of everything that an agency can own. */
export interface FilledAgency extends Registered {
  readonly owned: Owned;
  /** Stands in every name of it, so that an answer that tells somebody else about it can be seen. */
  readonly mark: string;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** @param mark some capital letters; the codes of third parties are the agency's own and differ by it. */
export async function filledAgency(running: RunningAgency, mark: string): Promise<FilledAgency> {
  const registered = await running.register(mark, 'manager');
  const program = running.program(registered.apiKey);
  const party = `T-${mark}`;
  await putParty(program, party, thirdParty({ name: `CHARPENTIER ${mark}` }));
  const proof = png();
  await giveConsent(program, party, proof);
  const line = `L/${sha256(Buffer.from(mark)).slice(0, 8)}`;
  await putLineWith(program, line, await pdf(`Relance ${mark}.pdf`), reminderLine({ partyCode: party }));
  const document = await pdf(`${mark}.pdf`);
  const recipient = { ...(letter()['recipient'] as object), name: `Armande ${mark}` };
  const submitted = await program.submit(letter({ recipient, partyCode: party }), [document]);
  const [filed = '', filedToo = ''] = await fileDocuments(program, { category: 'lease', partyCode: party }, [
    await pdf(`Bail ${mark}.pdf`),
    await pdf(`Avenant ${mark}.pdf`),
  ]);
  const campaignFile = await pdf(`Règlement ${mark}.pdf`);
  const campaign = await draftCampaign(program, [line], campaignFile);
  const { userId } = await running.addUser(registered, 'reader', `colleague.${registered.email}`);
  const { keyId } = await running.addApiKey(registered);
  // Names are free for every agency: what they say is marked, not they.
  const [template, templateToo] = [
    `M-${sha256(Buffer.from(mark)).slice(0, 8)}`,
    `N-${sha256(Buffer.from(mark)).slice(0, 8)}`,
  ] as const;
  for (const name of [template, templateToo]) {
    await program.request(`/api/templates/mail-refusal/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ subject: `Refus ${mark}`, body: `Refus ${mark}` }),
    });
  }
  const letterId = String(jsonOf(submitted)['id']);
  const owned = {
    kind: 'mail-refusal',
    letterKind: 'letter-unpaid',
    template,
    templateToo,
    filed,
    filedToo,
    letter: letterId,
    job: await running.printJob(letterId, sha256(await document.bytes())),
    document: sha256(await document.bytes()),
    party,
    proof: sha256(await proof.bytes()),
    line,
    campaign,
    campaignFile: sha256(await campaignFile.bytes()),
    user: userId,
    apiKeyId: keyId,
    invitation: 'x',
    reset: 'x',
  };
  return { ...registered, owned, mark };
}
