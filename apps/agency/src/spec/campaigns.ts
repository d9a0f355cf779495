import { jsonOf, type Program } from './clients.js';

/** Drafts a campaign over lines of the unpaid list, by the API, with a file for all. @returns its id */
export async function draftCampaign(program: Program, lines: readonly string[], file?: File): Promise<string> {
  const body = JSON.stringify({ list: 'unpaid', lines });
  const headers = { 'content-type': 'application/json' };
  const drafted = await program.request('/api/campaigns', { method: 'POST', body, headers });
  const id = String(jsonOf(drafted)['id']);
  if (file) {
    const form = new FormData();
    form.append('file', file);
    await program.request(`/api/campaigns/${id}/files`, { method: 'POST', body: form });
  }
  return id;
}
