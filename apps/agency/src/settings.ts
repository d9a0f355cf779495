/** What the parts of this application need to know of its configuration. */
export class Settings {
  /**
   * @param secure whether browsers reach the pages by https, so that cookies may be kept to it.
   * @param secondFactorRequired whether a manager must have a second factor.
   * @param keysPublic verifies activation and recharge keys; 32 bytes in base64.
   * @param qualification entry of the trusted list, which e-mails name.
   */
  constructor(
    readonly secure: boolean,
    readonly secondFactorRequired: boolean,
    readonly keysPublic: string,
    readonly qualification?: string,
  ) {}
}
