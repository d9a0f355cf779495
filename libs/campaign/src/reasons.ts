import { refusals as letterRefusals } from '#libs/letter';

/** What the document is called that the service prints as a recipient's letter. */
export const LETTER_NAME = 'Rappel recommandé.pdf';

/**
 * Why a letter of a campaign cannot be sent, or was not: what the agency reads beside it. Other reasons are refusals of the letter, its third
 * party, its line or the account, and have their sentence there.
 */
export const letterReasons = {
  /** The line is not in the agency's lists. */
  LINE_UNKNOWN: 'Cette relance n’existe plus dans vos listes.',
  /** A code by SMS is asked for, and there is no mobile to send it to. */
  OTP_WITHOUT_MOBILE: letterRefusals.OTP_WITHOUT_MOBILE.sentence,
  /** Nothing of the chosen category is filed for the recipient, and whoever has nothing is left out. */
  FILED_MISSING: 'Aucun document de la catégorie choisie n’est classé pour ce destinataire.',
  /** The line was corrected between start and sending. */
  LINE_CHANGED: 'La relance a été modifiée après le départ de l’envoi : vérifiez-la, puis renvoyez-la.',
  /** The keys of the campaign, or of the line, have been destroyed. */
  ERASED: 'Les données personnelles de cette relance ont été effacées.',
  NOT_A_PDF: 'Un document n’est pas un PDF lisible : remplacez-le, puis renvoyez la lettre.',
  ENCRYPTED: 'Un document est un PDF protégé : remplacez-le, puis renvoyez la lettre.',
  EMPTY: 'Un document est un PDF sans page : remplacez-le, puis renvoyez la lettre.',
  TOO_LARGE: 'Un document dépasse 25 Mo : réduisez-le, puis renvoyez la lettre.',
  DOCUMENT_MISSING: 'Un document ne se trouve plus dans le service : joignez-le de nouveau.',
  DOCUMENT_ALTERED: 'Un document ne peut pas être rendu à l’identique : prévenez l’exploitant du service.',
  TEMPLATE_FAULTY: 'Le modèle de la lettre ne convient pas à cette relance : corrigez-le, puis renvoyez la lettre.',
  PRINT_FAILED: 'La lettre n’a pas pu être mise en page : vérifiez son modèle, puis renvoyez-la.',
  /** Nobody has foreseen it; the log of the worker says more. */
  UNEXPECTED: 'Une erreur imprévue a empêché l’envoi : renvoyez la lettre, ou prévenez l’exploitant du service.',
} as const satisfies Record<string, string>;
