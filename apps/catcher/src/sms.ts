import { linksOf } from './links.js';
import type { Incoming } from './message.js';
import { BadRequest } from './requests.js';

/** Numbers that end so answer as a gateway does for a number that is not in service, so that it can be tried out. */
const OUT_OF_SERVICE = '0000';

const FIELDS = ['deliveryId', 'to', 'text'] as const;
const LONGEST = 1600;

/**
 * Reads what a client of the SMS gateway posted.
 * @throws BadRequest: 415 not JSON, 400 malformed, 422 a number that is refused for good
 */
export function readSms(contentType: string | undefined, body: string): Extract<Incoming, { kind: 'sms' }> {
  if (!/^application\/json\b/i.test(contentType ?? '')) {
    throw new BadRequest(415, 'Send the text message as application/json.');
  }
  const { deliveryId, to, text } = fieldsOf(body);
  if (!/^\+[1-9]\d{6,14}$/.test(to)) throw new BadRequest(400, 'The field "to" must be an E.164 number: +33612345678.');
  if (text.length > LONGEST) throw new BadRequest(400, `The field "text" must have ${LONGEST} characters at most.`);
  if (to.endsWith(OUT_OF_SERVICE)) throw new BadRequest(422, 'The number is not in service.');
  return { kind: 'sms', deliveryId, to, text, from: null, subject: null, html: null, links: linksOf(text, null) };
}

function fieldsOf(body: string): Record<(typeof FIELDS)[number], string> {
  const value = parsed(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest(400, 'The body must be a JSON object with deliveryId, to and text.');
  }
  const given = value as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !FIELDS.some((field) => field === name));
  if (unknown !== undefined) throw new BadRequest(400, 'Only the fields deliveryId, to and text are known.');
  const field = (name: (typeof FIELDS)[number]): string => {
    const content = given[name];
    if (typeof content === 'string' && content.trim() !== '') return content;
    throw new BadRequest(400, `The field "${name}" must be a text that is not empty.`);
  };
  return { deliveryId: field('deliveryId'), to: field('to'), text: field('text') };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new BadRequest(400, 'The body is not JSON.');
  }
}
