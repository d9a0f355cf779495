import { validate as isUuid } from 'uuid';
import { KeyIssuerConfiguration, readConfiguration } from '#libs/configuration';
import type { CreditKey, KeyKind } from '#libs/credit';
import { issueKey, newKeyPair, newSerial } from '#libs/keys';
import { CliFailure } from './failure.js';
import type { Print } from './operator.js';

export interface KeyToIssue {
  readonly agency: string;
  readonly kind: KeyKind;
  readonly signatures: number;
  readonly expires?: string;
}

/** Prints a fresh pair as lines of an environment file. Nothing is kept. */
export function generateKeys(print: Print): void {
  const { privateKey, publicKey } = newKeyPair();
  print(`PLI_KEYS_PRIVATE=${privateKey}`);
  print(`PLI_KEYS_PUBLIC=${publicKey}`);
}

/**
 * Prints a key, then its serial. Needs the private key and no store.
 *
 * @throws ConfigurationError without the private key.
 * @throws CliFailure USAGE
 */
export function issueCreditKey(
  environment: NodeJS.ProcessEnv,
  { agency, kind, signatures, expires }: KeyToIssue,
  print: Print,
): void {
  if (!isUuid(agency)) {
    throw new CliFailure('USAGE', `--agency must be the id that "agency create" printed, not ${agency}.`);
  }
  const { PLI_KEYS_PRIVATE } = readConfiguration(KeyIssuerConfiguration, environment);
  const key: CreditKey = {
    serial: newSerial(),
    kind,
    agencyId: agency.toLowerCase(),
    signatures,
    ...(expires === undefined ? {} : { expiresOn: expires }),
  };
  print(issueKey(PLI_KEYS_PRIVATE, key));
  print(`serial ${key.serial}`);
}
