/** One text message to one mobile. */
export interface Sms {
  /** The same on every retry, so that the gateway can tell doubles. */
  deliveryId: string;
  /** E.164 number, `+33612345678`. */
  to: string;
  text: string;
}

/**
 * `accepted`: the gateway took the message over. `refused`: it will never take it for this number; `reason` is the HTTP status
 * and the gateway's words, freed of links and codes, 500 characters at most.
 */
export type SmsOutcome = { outcome: 'accepted' } | { outcome: 'refused'; reason: string };

/** The port through which the product sends text messages. */
export interface SmsGateway {
  /**
   * Hands one message to the gateway, at least once: after SmsUnavailable the message may have been taken or not.
   * @throws SmsUnavailable when sending the same message again later is worth it
   */
  send(sms: Sms): Promise<SmsOutcome>;
}

/** The gateway is away, slow, busy, or does not let us in. Nothing is known to be wrong with the message. */
export class SmsUnavailable extends Error {
  readonly code = 'SMS_UNAVAILABLE';

  /**
   * @param deliveryId of the message that was not taken
   * @param reason what went wrong, free of secrets: an error code or an HTTP status
   */
  constructor(
    readonly deliveryId: string,
    readonly reason: string,
  ) {
    super(
      `The SMS gateway did not take message ${deliveryId} (${reason}). Send the same message again later; if it goes on, check that the gateway runs and that SMS_GATEWAY_URL names it.`,
    );
    this.name = 'SmsUnavailable';
  }
}
