import { randomUUID } from 'node:crypto';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { CeremonyUnderTest } from './spec/ceremony-under-test.js';

/** A way to MongoDB that can be cut off and opened again. */
class MongoCable {
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  readonly #target = new URL(process.env['MONGODB_URL'] ?? '');
  readonly #server = createServer((near) => {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    const far = createConnection(Number(this.#target.port), this.#target.hostname);
    for (const socket of [near, far]) this.#sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });

  /** @returns the URL of MongoDB as it is reached through the cable. */
  async lay(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `mongodb://127.0.0.1:${port}/spec-${randomUUID().slice(0, 8)}?directConnection=true`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async remove(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

test('while the event store is away, the page asks to try again', async () => {
  const ceremony = await CeremonyUnderTest.start();
  try {
    const letter = await ceremony.notified();
    const browser = ceremony.browser();
    await browser.get(await letter.link());
    await ceremony.stopStore();
    for (const answer of [await browser.get(letter.address), await browser.post(`${letter.address}/accord`)]) {
      expect(answer.status).toBe(503);
      expect(answer.text).toContain('patientez quelques secondes, puis réessayez');
      expect(answer.text).toContain('<a class="button" href="">Réessayer</a>');
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    }
  } finally {
    await ceremony.close();
  }
});

test('while MongoDB is away, a document asks to try again, and opens when it is back', async () => {
  const cable = new MongoCable();
  const ceremony = await CeremonyUnderTest.start({ MONGODB_URL: await cable.lay() });
  try {
    const letter = await ceremony.notified();
    const browser = ceremony.browser();
    await browser.get(await letter.link());
    const acknowledgement = `${letter.address}/documents/1`;
    cable.cut();
    const answer = await browser.get(acknowledgement);
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining('Réessayer')]);
    cable.mend();
    expect((await browser.get(acknowledgement)).status).toBe(200);
  } finally {
    cable.mend();
    await ceremony.close();
    await cable.remove();
  }
});
