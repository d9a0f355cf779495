import { randomUUID } from 'node:crypto';
import type { CommandContext } from '#libs/event-store';

/**
 * The context of a command that a recipient's request makes. Each request is a command of its own: what the same browser
 * asks for twice is for the letter to tell.
 */
export function recipientContext(letterId: string): CommandContext {
  const commandId = randomUUID();
  return { commandId, correlationId: letterId, causationId: commandId, actor: 'recipient' };
}
