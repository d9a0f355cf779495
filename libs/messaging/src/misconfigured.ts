/** The address of a mail system or SMS gateway cannot be used. Arises at start, never while sending. */
export class MessagingMisconfigured extends Error {
  readonly code = 'MESSAGING_MISCONFIGURED';

  constructor(sentence: string) {
    super(sentence);
    this.name = 'MessagingMisconfigured';
  }
}

/**
 * Reads the address of an outside service. The sentence of the error never repeats the address: it may carry a password.
 * @throws MessagingMisconfigured when it is no URL of one of these protocols
 */
export function serviceAddress(address: string, what: string, protocols: readonly string[]): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !protocols.includes(url.protocol) || url.hostname === '') {
    const expected = protocols.map((protocol) => `${protocol}//host:port`).join(' or ');
    throw new MessagingMisconfigured(`The address of the ${what} is not usable: give it as ${expected}.`);
  }
  return url;
}
