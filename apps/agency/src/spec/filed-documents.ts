import { jsonOf, type Answer, type Program } from './clients.js';

/** Sends documents to be filed as a program does; `filing` as JSON, or as it is when it is a text already. */
export function sendDocuments(
  program: Program,
  filing: unknown,
  documents: readonly File[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  const form = new FormData();
  if (filing !== undefined) form.append('filing', typeof filing === 'string' ? filing : JSON.stringify(filing));
  for (const document of documents) form.append('document', document);
  return program.request('/api/documents', { method: 'POST', body: form, headers });
}

/** Files documents. @returns their ids. */
export async function fileDocuments(program: Program, filing: object, documents: readonly File[]): Promise<string[]> {
  const answer = jsonOf(await sendDocuments(program, filing, documents));
  return (answer['documents'] as { id: string }[]).map(({ id }) => id);
}
