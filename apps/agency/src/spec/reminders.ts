import type { Answer, Program } from './clients.js';

/** A reminder line as the API takes it. */
export const reminderLine = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  list: 'unpaid',
  level: 'registered',
  partyCode: '40017',
  dossier: '001',
  data: { periode: 'octobre 2026', montantDu: '687,50', dateLimite: '15/12/2026' },
  ...changes,
});

const send = (program: Program, method: string, path: string, body: unknown): Promise<Answer> =>
  program.request(path, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

export const putLine = (program: Program, lineId: string, body: unknown): Promise<Answer> =>
  send(program, 'PUT', `/api/reminders/${encodeURIComponent(lineId)}`, body);

export const postLines = (program: Program, lines: unknown): Promise<Answer> =>
  send(program, 'POST', '/api/reminders', { lines });

/** The same line with the PDF that is its letter. */
export function putLineWith(program: Program, lineId: string, document: File, body: unknown): Promise<Answer> {
  const form = new FormData();
  form.append('line', new Blob([JSON.stringify(body)], { type: 'application/json' }));
  form.append('document', document);
  return program.request(`/api/reminders/${encodeURIComponent(lineId)}`, { method: 'PUT', body: form });
}
