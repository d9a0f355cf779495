import { jsonOf } from './clients.js';
import { form, formFields, letter, pdf } from './papers.js';
import { RunningAgency } from './running-agency.js';

let running: RunningAgency;

beforeEach(async () => {
  running = await RunningAgency.start();
});
afterEach(() => running.close());

test('while the lists stand still, the letter is on its page and the history says that it will come', async () => {
  const browser = await running.signedIn(await running.register('LATOUR'));
  await running.stopProjections();
  const fields = formFields();
  expect((await browser.upload('/lettres/nouvelle', form(fields, [await pdf('bail.pdf')]))).status).toBe(303);
  expect((await browser.get(`/lettres/${fields['letterId'] ?? ''}`)).text).toContain('Armande Rose');
  const history = await browser.get('/lettres');
  expect(history.status).toBe(200);
  expect(history.text).toContain('n’apparaît pas encore ici');
  expect(history.text).not.toContain('Armande Rose');
});

test('without the event store nothing is half done: 503 for people, their form filled in, and for programs', async () => {
  const latour = await running.register('LATOUR');
  const browser = await running.signedIn(latour);
  await running.stopProjections();
  await running.stopEventStore();
  const document = await pdf('bail.pdf');
  const fields = formFields();
  const page = await browser.upload('/lettres/nouvelle', form(fields, [document]));
  expect(page.status).toBe(503);
  expect(page.text).toContain('réessayez dans un instant');
  expect(page.text).toContain(`name="letterId" value="${fields['letterId'] ?? ''}"`);
  expect(page.text).toContain('value="armande.rose@example.fr"');
  const answer = await running.program(latour.apiKey).submit(letter(), [document]);
  expect([answer.status, jsonOf(answer)['code']]).toEqual([503, 'STORE_UNAVAILABLE']);
  expect((await browser.get('/lettres')).text).toContain('Aucune lettre pour l’instant');
});
