import { dates } from '#libs/web';
import type { ExistingLetter } from './own-letters.js';

/** Where a letter stands and what comes next, in words for the agency. */
export interface Situation {
  /** Class of the notice in pli.css; '' for the plain one. */
  readonly tone: '' | 'good' | 'warn' | 'bad';
  readonly sentence: string;
}

/** @returns the situation of a letter: what the recipient is asked, or how it ended, and what the agency can do. */
export function situationOf(letter: ExistingLetter): Situation {
  switch (letter.status) {
    case 'submitted':
      return {
        tone: '',
        sentence: 'Le service établit l’accusé de réception ; l’avis au destinataire part aussitôt après.',
      };
    case 'deposit-failed':
      return {
        tone: 'bad',
        sentence: `Le dépôt a échoué (${letter.reason}) et rien n’a été envoyé au destinataire : créez un nouvel envoi.`,
      };
    case 'deposited':
      return { tone: '', sentence: 'La lettre est déposée ; l’avis au destinataire est en cours d’envoi.' };
    case 'notification-failed':
      return {
        tone: 'bad',
        sentence:
          `La messagerie du destinataire a refusé l’avis (code ${letter.code}) : il n’a rien reçu et aucun délai ne court. ` +
          'Vérifiez son adresse e-mail auprès de lui, puis corrigez-la : un nouvel avis partira, avec un délai entier.',
      };
    case 'notified':
      return { tone: letter.alerted ? 'warn' : '', sentence: askedOf(letter) };
    case 'accepted':
      return {
        tone: letter.alerted ? 'warn' : '',
        sentence: `Le destinataire a donné son accord le ${dates.dayAndTime(letter.acceptedAt)} ; il doit encore signer, jusqu’au ${dates.lastDay(letter.windowEndsAt)} inclus.`,
      };
    case 'signed':
      return {
        tone: 'good',
        sentence: `Le destinataire a signé le ${dates.dayAndTime(letter.signedAt)} : il a accès aux documents.`,
      };
    case 'refused':
      return {
        tone: 'bad',
        sentence: `Le destinataire a refusé la lettre le ${dates.dayAndTime(letter.refusedAt)} : ce refus est définitif.`,
      };
    case 'expired':
      return {
        tone: 'warn',
        sentence: `Le destinataire pouvait signer jusqu’au ${dates.lastDay(letter.windowEndsAt)} inclus et ne l’a pas fait : la lettre n’a pas été réclamée.`,
      };
  }
}

function askedOf(letter: Extract<ExistingLetter, { status: 'notified' }>): string {
  const steps = letter.terms.otp
    ? 'à saisir le code reçu par SMS, à donner son accord, puis à signer'
    : 'à donner son accord, puis à signer';
  return `Le destinataire est invité ${steps}, jusqu’au ${dates.lastDay(letter.windowEndsAt)} inclus.`;
}
