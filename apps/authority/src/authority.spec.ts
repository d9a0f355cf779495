import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { startAuthority, type Authority } from './authority.js';
import { readSettings, SettingsWrong } from './settings.js';

const run = promisify(execFile);
const url = 'http://127.0.0.1:7407';

let folder: string;
let authority: Authority;

const open = () => startAuthority({ host: '127.0.0.1', port: 0, data: join(folder, 'keys'), operator: 'Pli', url });
const bytesOf = async (path: string) => Buffer.from(await (await fetch(`${authority.url}${path}`)).arrayBuffer());
const file = (name: string) => join(folder, 'keys', name);
const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pli-authority-'));
  authority = await open();
});
afterAll(async () => {
  await authority.close();
  await rm(folder, { recursive: true });
});

describe('the local authority', () => {
  it('gives timestamps that OpenSSL verifies by its certificate', async () => {
    await writeFile(join(folder, 'content'), 'Preuve de dépôt');
    await openssl('ts', '-query', '-data', 'content', '-sha256', '-cert', '-out', 'query.tsq');
    const reply = await fetch(`${authority.url}/timestamps`, {
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query' },
      body: new Uint8Array(await readFile(join(folder, 'query.tsq'))),
    });
    expect(reply.headers.get('content-type')).toBe('application/timestamp-reply');
    await writeFile(join(folder, 'reply.tsr'), Buffer.from(await reply.arrayBuffer()));
    const { stdout } = await openssl(
      ...['ts', '-verify', '-queryfile', 'query.tsq', '-in', 'reply.tsr', '-CAfile', file('anchors.pem')],
    );
    expect(stdout).toContain('Verification: OK');
  });

  it('gives a revocation list, into which a certificate comes that the operator revokes', async () => {
    const verified = async () => {
      await writeFile(join(folder, 'list.crl'), await bytesOf('/revocation-list.crl'));
      const args = ['-crl_check', '-CAfile', file('anchors.pem'), '-CRLfile', 'list.crl', file('seal.pem')];
      return openssl('verify', '-x509_strict', ...args).then(
        ({ stdout }) => stdout,
        (error: unknown) => (error as { stderr: string }).stderr,
      );
    };
    expect(await verified()).toMatch(/: OK$/m);
    const { stdout } = await openssl('x509', '-in', file('seal.pem'), '-noout', '-serial');
    const serialNumber = stdout.trim().replace('serial=', '');
    await writeFile(file('revoked.json'), JSON.stringify([{ serialNumber, at: new Date().toISOString() }]));
    expect(await verified()).toMatch('certificate revoked');
    await rm(file('revoked.json'));
  });

  it('says when the list of the operator is none', async () => {
    await writeFile(file('revoked.json'), '[{"serialNumber":"xyz"}]');
    const log = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    expect((await fetch(`${authority.url}/revocation-list.crl`)).status).toBe(500);
    expect(log).toHaveBeenCalledWith(expect.stringContaining('revoked.json must be a JSON list'));
    log.mockRestore();
    await rm(file('revoked.json'));
  });

  it('keeps its keys to itself, and finds them again', async () => {
    for (const name of ['authority.pem', 'timestamping.pem', 'seal.pem']) {
      expect((await stat(file(name))).mode & 0o077).toBe(0);
    }
    expect(await readFile(file('anchors.pem'), 'utf8')).not.toContain('PRIVATE KEY');
    const before = await bytesOf('/authority.cer');
    await authority.close();
    authority = await open();
    expect((await bytesOf('/authority.cer')).equals(before)).toBe(true);
  });

  it('answers nothing else, and no endless request', async () => {
    expect((await fetch(`${authority.url}/timestamps`)).status).toBe(404);
    expect((await fetch(`${authority.url}/seal.pem`)).status).toBe(404);
    const body = new Uint8Array(17 * 1024);
    expect((await fetch(`${authority.url}/timestamps`, { method: 'POST', body })).status).toBe(413);
    expect((await fetch(`${authority.url}/health/live`)).status).toBe(200);
  });
});

describe('its settings', () => {
  const environment = { PLI_PORT: '7407', PLI_DATA: '/data', PLI_AUTHORITY_URL: url };

  it('are read', () => {
    const expected = { host: '127.0.0.1', port: 7407, data: '/data', operator: 'Pli', url };
    expect(readSettings(environment)).toEqual(expected);
    expect(readSettings({ ...environment, PLI_HOST: '0.0.0.0', PLI_OPERATOR: 'Étude' })).toMatchObject({
      host: '0.0.0.0',
      operator: 'Étude',
    });
  });

  it.each([
    ['PLI_PORT', '70000'],
    ['PLI_DATA', ''],
    ['PLI_OPERATOR', 'x'.repeat(65)],
    ['PLI_AUTHORITY_URL', 'http://127.0.0.1:7407/'],
  ])('a wrong %s (%j) stops the start with its name', (name, value) => {
    const read = () => readSettings({ ...environment, [name]: value });
    expect(read).toThrow(SettingsWrong);
    expect(read).toThrow(name);
  });
});
