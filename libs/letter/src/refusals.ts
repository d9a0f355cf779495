import type { Refusal, RefusalMeaning } from './decider.js';

/** Every refusal of a letter: the HTTP status for programs, and for people the French sentence that says what to do. */
export const refusals = {
  // Submitting
  /** `submit` on a stream that already holds another letter. */
  ALREADY_SUBMITTED: { status: 409, sentence: 'Une lettre existe déjà sous cet identifiant : créez un nouvel envoi.' },
  /** `submit` names a legal profile that this version does not know. */
  UNKNOWN_LEGAL_PROFILE: {
    status: 422,
    sentence: 'Le profil juridique demandé est inconnu : choisissez un profil de la liste.',
  },
  /** `submit` without any document. */
  NO_DOCUMENT: { status: 422, sentence: 'La lettre ne contient aucun document : joignez au moins un fichier PDF.' },
  /** `submit` with the same document twice. */
  DOCUMENT_TWICE: { status: 422, sentence: 'Un même document est joint deux fois : retirez le doublon.' },
  /** `submit` asks for OTP but the recipient has no mobile number. */
  OTP_WITHOUT_MOBILE: {
    status: 422,
    sentence:
      'Le code par SMS demande un numéro de mobile : complétez la fiche du destinataire ou décochez le contrôle par SMS.',
  },
  /** `submit` with a retention below the profile's window, for a recipient who is not a professional (R. 53-3 CPCE). */
  RETENTION_TOO_SHORT: {
    status: 422,
    sentence:
      'Un destinataire non professionnel dispose d’au moins quinze jours pour répondre : allongez la durée de rétention.',
  },
  /** `submit` with a retention that is not a whole number of days from 1 to the profile's longest. */
  RETENTION_OUT_OF_RANGE: {
    status: 422,
    sentence: 'La durée de rétention doit être un nombre entier de jours, de 1 à 365 : corrigez-la.',
  },
  /** `submit` with an alert delay that is not a whole number of days from 0 up to, not including, the retention. */
  ALERT_OUT_OF_RANGE: {
    status: 422,
    sentence: 'Le délai d’alerte doit être un nombre entier de jours, inférieur à la durée de rétention : corrigez-le.',
  },

  // Where the letter stands
  /** Any command but `submit` on a stream without events. */
  UNKNOWN_LETTER: { status: 404, sentence: 'Cette lettre n’existe pas : vérifiez l’adresse ou la référence.' },
  /** A command that needs the deposit, before it. */
  NOT_DEPOSITED: { status: 409, sentence: 'La lettre n’est pas encore déposée : réessayez dans un instant.' },
  /** A second deposit with another acknowledgement, or a failure reported after the deposit. */
  ALREADY_DEPOSITED: { status: 409, sentence: 'La lettre est déjà déposée : il n’y a rien à refaire.' },
  /** Anything but archiving after the deposit failed. */
  DEPOSIT_FAILED: { status: 409, sentence: 'Le dépôt de cette lettre a échoué : créez un nouvel envoi.' },
  /** The recipient's part before any notice reached him, or while the last one is refused by the mail system. */
  NOT_NOTIFIED: { status: 409, sentence: 'Le destinataire n’a pas encore été avisé : attendez l’envoi de l’avis.' },
  /** A report on a notice whose outcome is already known, or on a notice that is not the one to send. */
  NOTICE_SETTLED: {
    status: 409,
    sentence: 'Le sort de cet avis est déjà connu : consultez l’historique de la lettre.',
  },
  /** `correctAddress` when the last notice did not fail. */
  NOTICE_NOT_FAILED: {
    status: 409,
    sentence:
      'L’adresse ne se corrige qu’après un échec de notification : l’avis n’a pas été refusé, attendez la réponse du destinataire.',
  },
  /** `correctAddress` to the address that has just failed. */
  ADDRESS_UNCHANGED: { status: 422, sentence: 'Cette adresse vient d’échouer : saisissez une autre adresse e-mail.' },

  // The deadline
  /** The recipient's answer, a code or paper for the recipient, at or after the end of the window. */
  WINDOW_CLOSED: {
    status: 410,
    sentence: 'Le délai pour répondre est dépassé : cette lettre ne peut plus être ouverte ni signée.',
  },
  /** `expire` before the end of the window. */
  WINDOW_OPEN: { status: 409, sentence: 'Le délai court encore : la lettre ne peut expirer qu’à son terme.' },
  /** `raiseAlert` before the alert is due. */
  ALERT_TOO_EARLY: { status: 409, sentence: 'L’alerte n’est pas encore due : attendez le jour prévu.' },

  // The code by SMS
  /** Accepting, refusing, signing, reading or asking for paper from a session that gave no right code, when OTP is on. */
  OTP_REQUIRED: {
    status: 403,
    sentence: 'Identifiez-vous d’abord : demandez un code par SMS et saisissez-le dans ce navigateur.',
  },
  /** `requestOtp` or `verifyOtp` on a letter that was sent without OTP. */
  OTP_NOT_USED: {
    status: 409,
    sentence: 'Cette lettre ne demande pas de code par SMS : poursuivez directement la lecture.',
  },
  /** `verifyOtp` when this session asked for no code, or another session has asked for one since. */
  OTP_NOT_ASKED: {
    status: 409,
    sentence: 'Aucun code en cours pour ce navigateur : demandez un nouveau code par SMS.',
  },
  /** `verifyOtp` at or after the end of the code's ten minutes. */
  OTP_EXPIRED: { status: 410, sentence: 'Ce code n’est plus valable : demandez un nouveau code par SMS.' },
  /** `verifyOtp` after five wrong codes. */
  OTP_EXHAUSTED: { status: 429, sentence: 'Trop d’essais pour ce code : demandez un nouveau code par SMS.' },
  /** `requestOtp` less than thirty seconds after the last one. */
  OTP_TOO_SOON: {
    status: 429,
    sentence: 'Un code vient d’être envoyé : patientez trente secondes avant d’en demander un autre.',
  },
  /** `requestOtp` for the eleventh time within twenty-four hours. */
  OTP_LIMIT: { status: 429, sentence: 'Trop de codes demandés aujourd’hui : réessayez demain.' },
  /** `requestOtp` with a code made for another challenge than the next one (two requests crossed). */
  OTP_OUT_OF_STEP: { status: 409, sentence: 'Votre demande de code en a croisé une autre : recommencez la demande.' },
  /** A report on the delivery of a code that was never asked for. */
  UNKNOWN_CHALLENGE: { status: 404, sentence: 'Ce code n’a jamais été demandé : vérifiez l’historique de la lettre.' },

  // The recipient's answer
  /** `refuse` after the recipient accepted. */
  ALREADY_ACCEPTED: {
    status: 409,
    sentence: 'Vous avez déjà accepté cette lettre : elle ne peut plus être refusée, poursuivez avec la signature.',
  },
  /** An answer, an expiry or paper for the recipient after a refusal. */
  ALREADY_REFUSED: { status: 409, sentence: 'Cette lettre a été refusée : cette réponse est définitive.' },
  /** Another answer, an expiry or an alert after the signature, or a second signature from another session. */
  ALREADY_SIGNED: { status: 409, sentence: 'Cette lettre est déjà signée : ouvrez-la pour consulter les documents.' },
  /** `sign` before accepting. */
  NOT_ACCEPTED: { status: 409, sentence: 'Donnez d’abord votre accord : cliquez sur « Accord » avant de signer.' },
  /** `accessContent` before the signature. */
  NOT_SIGNED: { status: 403, sentence: 'Les documents s’ouvrent après la signature : signez d’abord la lettre.' },
  /** `accessContent` to a document that is not part of the letter. */
  UNKNOWN_DOCUMENT: {
    status: 404,
    sentence: 'Ce document ne fait pas partie de la lettre : choisissez-le dans la liste.',
  },

  // Being told, paper, time
  /** A report on an SMS or an e-mail with the opposite outcome of the one already known. */
  MESSAGE_SETTLED: {
    status: 409,
    sentence: 'Le sort de ce message est déjà connu : consultez l’historique de la lettre.',
  },
  /** A report that somebody was told of what did not happen. */
  NOTHING_TO_TELL: { status: 409, sentence: 'Il n’y a rien à annoncer : cet événement n’a pas eu lieu.' },
  /** `requestPrint` by a recipient whom the profile gives no right to paper. */
  PAPER_NOT_ALLOWED: {
    status: 403,
    sentence:
      'Seul un destinataire non professionnel peut demander la lettre sur papier : téléchargez vos documents après la signature.',
  },
  /** `requestPrint` while another job waits for its preparation or dispatch. */
  PRINT_PENDING: {
    status: 409,
    sentence: 'Une impression est déjà demandée pour cette lettre : attendez son expédition.',
  },
  /** `requestPrint` without a name and an address to write on the envelope. */
  PRINT_ADDRESS_MISSING: {
    status: 422,
    sentence: 'L’adresse postale du destinataire manque : saisissez-la pour que le pli puisse partir.',
  },
  /** `downloadPrint` or `confirmDispatch` before the job was prepared, or after it failed. */
  PRINT_NOT_READY: {
    status: 409,
    sentence: 'Ce pli n’est pas prêt à imprimer : attendez sa préparation, ou demandez une nouvelle impression.',
  },
  /** A report on the preparation of a job with the opposite outcome of the one already known. */
  PRINT_SETTLED: {
    status: 409,
    sentence: 'Le sort de cette impression est déjà connu : consultez l’historique de la lettre.',
  },
  /** Anything about a job that nobody asked for. */
  UNKNOWN_PRINT_JOB: { status: 404, sentence: 'Ce bon d’impression est inconnu : vérifiez son numéro.' },
  /** `confirmDispatch` of a dispatched job with another tracking number. */
  ALREADY_DISPATCHED: {
    status: 409,
    sentence: 'Ce pli est déjà expédié sous un autre numéro de suivi : vérifiez le bon d’impression.',
  },
  /** `at` is not an ISO 8601 UTC time with milliseconds. */
  INSTANT_MALFORMED: {
    status: 422,
    sentence: 'L’heure de la demande est illisible : fournissez une date ISO 8601 en UTC avec les millisecondes.',
  },
  /** What is asked is dated more than a minute before the letter's last event: this machine's clock is late. */
  CLOCK_BEHIND: {
    status: 503,
    sentence: 'L’horloge d’un serveur retarde : réessayez dans un instant, et prévenez l’exploitant si cela persiste.',
  },
} as const satisfies Record<string, RefusalMeaning>;

export type RefusalCode = keyof typeof refusals;
export type LetterRefusal = Refusal<RefusalCode>;

export function refused(code: RefusalCode): LetterRefusal {
  return { refused: code };
}
