import type { Refusal, RefusalMeaning } from '#libs/letter';

/** Every refusal of a reminder line: the HTTP status for programs, and for people the French sentence that says what to do. */
export const reminderRefusals = {
  /** Any command but `receiveReminder` on a stream without events. */
  UNKNOWN_REMINDER: { status: 404, sentence: 'Cette ligne de relance n’existe pas : vérifiez son numéro.' },
  /** `receiveReminder` under the id of a line of another list. */
  REMINDER_IN_OTHER_LIST: {
    status: 409,
    sentence: 'Une ligne d’une autre liste porte déjà ce numéro : donnez un autre numéro à cette ligne.',
  },
  /** `receiveReminder` with something new, or `markSent`, while the line is withdrawn. */
  REMINDER_WITHDRAWN: { status: 409, sentence: 'Cette ligne est retirée : rétablissez-la d’abord.' },
  /** Anything but the same again, after the line was sent. */
  REMINDER_SENT: {
    status: 409,
    sentence: 'Cette ligne est déjà partie en lettre recommandée : donnez un nouveau numéro à la relance suivante.',
  },
  /** `releaseReminder` while the line is sent as another letter, or as none. */
  REMINDER_NOT_SENT: { status: 409, sentence: 'Cette ligne n’est pas partie avec cette lettre : actualisez la page.' },
} as const satisfies Record<string, RefusalMeaning>;

export type ReminderRefusalCode = keyof typeof reminderRefusals;
export type ReminderRefusal = Refusal<ReminderRefusalCode>;

export function refused(code: ReminderRefusalCode): ReminderRefusal {
  return { refused: code };
}
