import type { Response } from 'express';
import type { CampaignIn } from '#libs/campaign';
import type { Asker } from '../access/asker.js';
import { campaignAddress } from './campaign-page.js';
import type { OwnCampaign, Wizard } from './wizard.js';

/**
 * The draft that a step of the wizard works on. A campaign that has left the wizard is shown by its own page: then the answer is given, and
 * undefined returned.
 *
 * @throws EdgeFailure 404
 */
export async function draftOrElsewhere(
  wizard: Wizard,
  asker: Asker,
  id: string,
  response: Response,
): Promise<OwnCampaign<CampaignIn<'draft'>> | undefined> {
  const { campaignId, state } = await wizard.find(asker, id);
  if (state.status === 'draft') return { campaignId, state };
  response.redirect(303, state.status === 'abandoned' ? '/envois' : campaignAddress(campaignId));
  return undefined;
}
