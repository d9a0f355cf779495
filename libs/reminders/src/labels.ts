import type { ReminderEvent, ReminderLevel, ReminderList } from './events.js';
import type { Standing } from './state.js';

/** The lists as the manual's tabs call them (IV.1). */
export const listLabels: Readonly<Record<ReminderList, string>> = {
  unpaid: 'Impayés',
  insurance: 'Justificatifs assurance et entretien',
  'owner-insurance': 'PNO',
};

export const levelLabels: Readonly<Record<ReminderLevel, string>> = {
  'reminder-1': 'Rappel simple 1',
  'reminder-2': 'Rappel simple 2',
  registered: 'Rappel recommandé (LRAR)',
  bailiff: 'Commandement huissier',
};

export const reminderStatusLabels: Readonly<Record<Standing['status'], string>> = {
  open: 'À traiter',
  withdrawn: 'Retirée',
  sent: 'Envoyée',
};

/** What an agency reads of an event in the history of a line. */
export function describeReminderEvent(event: ReminderEvent): string {
  switch (event.type) {
    case 'ReminderReceived':
      return `Ligne reçue : ${levelLabels[event.data.level]}`;
    case 'ReminderCorrected':
      return `Ligne corrigée : ${levelLabels[event.data.level]}`;
    case 'ReminderWithdrawn':
      return 'Ligne retirée de la liste';
    case 'ReminderReinstated':
      return 'Ligne rétablie dans la liste';
    case 'ReminderSent':
      return 'Partie en lettre recommandée électronique';
    case 'ReminderReleased':
      return 'Envoi abandonné avant le dépôt : la ligne est de nouveau à traiter';
  }
}
