import { CeremonyUnderTest } from './spec/ceremony-under-test.js';

test('while the event store is away, the page asks to try again', async () => {
  const ceremony = await CeremonyUnderTest.start();
  try {
    const letter = await ceremony.notified();
    const browser = ceremony.browser();
    await browser.get(await letter.link());
    await ceremony.stopStore();
    for (const answer of [await browser.get(letter.address), await browser.post(`${letter.address}/accord`)]) {
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('réessayez dans un instant');
    }
  } finally {
    await ceremony.close();
  }
});
