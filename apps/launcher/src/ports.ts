import { createServer } from 'node:net';

import { LauncherFailure } from './failure.js';

/** The block of ports of one instance, all on the loopback address. */
export interface Ports {
  readonly agency: number;
  readonly ceremony: number;
  /** Web page and SMS gateway of the catcher. */
  readonly catcher: number;
  readonly smtp: number;
  readonly eventStore: number;
  readonly mongod: number;
  /** Health of the worker. */
  readonly worker: number;
  /** Timestamps and revocation list of the local authority. */
  readonly authority: number;
  /** The operator's pages. */
  readonly operator: number;
}

const DEFAULT_FIRST_PORT = 7400;
const BLOCK = 9;

/** The block that starts at `first`; the order is part of the README. */
export function portsFrom(first: number): Ports {
  return {
    agency: first,
    ceremony: first + 1,
    catcher: first + 2,
    smtp: first + 3,
    eventStore: first + 4,
    mongod: first + 5,
    worker: first + 6,
    authority: first + 7,
    operator: first + 8,
  };
}

/**
 * The value of `PLI_PORT`.
 * @throws LauncherFailure `USAGE`
 */
export function firstPortOf(value: string | undefined): number {
  if (value === undefined || value === '') return DEFAULT_FIRST_PORT;
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_536 - BLOCK) return port;
  throw new LauncherFailure(
    'USAGE',
    `PLI_PORT is "${value}"; it must be a number from 1 to ${String(65_536 - BLOCK)}.`,
  );
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen({ host: '127.0.0.1', port }, () => {
      server.close(() => {
        resolve(true);
      });
    });
  });

/** @throws LauncherFailure `PORT_TAKEN`, naming the first port in use */
export async function checkFree(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    if (await isFree(port as number)) continue;
    throw new LauncherFailure(
      'PORT_TAKEN',
      `Port ${String(port)} (for ${name}) is in use; set PLI_PORT to the first of ${String(BLOCK)} free ports and start again.`,
    );
  }
}

/** A block of free ports below the range that the system hands out itself (32768 and up on Linux). */
export async function freeBlock(): Promise<Ports> {
  for (;;) {
    const ports = portsFrom(10_000 + BLOCK * Math.floor(Math.random() * 3_000));
    const free = await Promise.all(Object.values(ports).map((port) => isFree(port as number)));
    if (free.every(Boolean)) return ports;
  }
}
