/** Where the authority listens and keeps its keys. */
export interface Settings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Folder of its keys and certificates; they are made when it is empty. */
  readonly data: string;
  /** Who runs it, as it stands in the certificates. */
  readonly operator: string;
  /** Its own address as others reach it, without a slash at the end; it stands in the certificates. */
  readonly url: string;
}

/** The environment is wrong. Arises at start only; its sentence names every wrong variable. */
export class SettingsWrong extends Error {
  readonly code = 'SETTINGS_WRONG';
}

/**
 * Reads PLI_HOST (default 127.0.0.1), PLI_PORT, PLI_DATA, PLI_OPERATOR (default Pli) and PLI_AUTHORITY_URL.
 * @throws SettingsWrong naming every wrong variable
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];
  const port = environment.PLI_PORT ?? '';
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) faults.push('PLI_PORT must be a port number from 0 to 65535');
  const data = environment.PLI_DATA ?? '';
  if (data === '') faults.push('PLI_DATA must name the folder that keeps the keys');
  const operator = environment.PLI_OPERATOR || 'Pli';
  if (operator.length > 64) faults.push('PLI_OPERATOR must have at most 64 characters');
  const url = environment.PLI_AUTHORITY_URL ?? '';
  if (!/^https?:\/\/[^/]+$/.test(url)) faults.push('PLI_AUTHORITY_URL must be an origin such as http://127.0.0.1:7407');
  if (faults.length > 0) throw new SettingsWrong(`Configuration of the authority: ${faults.join('; ')}.`);
  return { host: environment.PLI_HOST || '127.0.0.1', port: Number(port), data, operator, url };
}
