/** Where the catcher listens and keeps what it catches. */
export interface Settings {
  host: string;
  /** Port of the page, of the API for programs and of the SMS gateway; 0 takes a free one. */
  port: number;
  /** Port of the SMTP server; 0 takes a free one. */
  smtpPort: number;
  /** Folder of the file that holds every message; it is made when absent. */
  data: string;
}

/** The environment is wrong. Arises at start only; its sentence names every wrong variable. */
export class SettingsWrong extends Error {
  readonly code = 'SETTINGS_WRONG';
}

/**
 * Reads PLI_HOST (default 127.0.0.1), PLI_PORT, PLI_SMTP_PORT and PLI_DATA.
 * @throws SettingsWrong naming every wrong variable
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const faults: string[] = [];
  const port = (name: string): number => {
    const value = environment[name] ?? '';
    if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value);
    faults.push(`${name} must be a port number from 0 to 65535`);
    return 0;
  };
  const settings = {
    host: environment.PLI_HOST || '127.0.0.1',
    port: port('PLI_PORT'),
    smtpPort: port('PLI_SMTP_PORT'),
    data: environment.PLI_DATA ?? '',
  };
  if (settings.data === '') faults.push('PLI_DATA must name the folder that keeps the caught messages');
  if (faults.length > 0) throw new SettingsWrong(`Configuration of the catcher: ${faults.join('; ')}.`);
  return settings;
}
