/**
 * What the audit log tells, in French, by the type of the event. Only what people and programs do, and what happens to log-ins: what the
 * service does by itself, and what recipients do, stands in the course of each letter.
 */
export const actionLabels = {
  LoggedIn: 'Connexion',
  LogInFailed: 'Échec de connexion',
  LoggedOut: 'Déconnexion',
  LogInLocked: 'Compte bloqué après trop d’échecs',
  LogInUnlocked: 'Compte débloqué',
  DocumentRead: 'Document consulté ou téléchargé',

  AgencyRegistered: 'Agence créée',
  UserRegistered: 'Utilisateur créé',
  UserInvited: 'Utilisateur invité',
  InvitationAccepted: 'Invitation acceptée',
  UserRoleChanged: 'Rôle changé',
  UserDeactivated: 'Compte désactivé',
  UserReactivated: 'Compte réactivé',
  PasswordResetRequested: 'Nouveau mot de passe demandé',
  PasswordChanged: 'Mot de passe changé',
  SecondFactorConfirmed: 'Double authentification activée',
  SecondFactorRemoved: 'Double authentification retirée',
  RecoveryCodeUsed: 'Code de secours utilisé',
  ApiKeyIssued: 'Clé d’API créée',
  ApiKeyRevoked: 'Clé d’API révoquée',

  Submitted: 'Lettre envoyée',
  AddressCorrected: 'Adresse du destinataire corrigée',
  PrintRequested: 'Envoi papier demandé',
  PrintDownloaded: 'Lettre à imprimer téléchargée',
  PrintDispatched: 'Envoi papier expédié',
  Archived: 'Lettre archivée',
  Reactivated: 'Lettre réactivée',

  PartyRegistered: 'Tiers créé',
  PartyChanged: 'Tiers modifié',
  ConsentGiven: 'Accord enregistré',
  ConsentWithdrawn: 'Retrait d’accord enregistré',
  PartyArchived: 'Tiers archivé',
  PartyReactivated: 'Tiers réactivé',

  Activated: 'Clé d’activation enregistrée',
  Recharged: 'Clé de recharge enregistrée',

  CampaignDrafted: 'Envoi préparé',
  CampaignSettingsChosen: 'Paramètres d’un envoi choisis',
  CampaignCategoryChosen: 'Catégorie de pièces jointes choisie',
  CampaignFileAttached: 'Pièce jointe ajoutée à un envoi',
  CampaignFileRemoved: 'Pièce jointe retirée d’un envoi',
  CampaignSelectionChanged: 'Lettres d’un envoi cochées ou décochées',
  CampaignStarted: 'Envoi lancé',
  CampaignAbandoned: 'Envoi abandonné',

  ReminderReceived: 'Ligne de relance reçue',
  ReminderCorrected: 'Ligne de relance corrigée',
  ReminderWithdrawn: 'Ligne de relance retirée',
  ReminderReinstated: 'Ligne de relance rétablie',

  DocumentFiled: 'Document classé',
  DocumentReplaced: 'Document remplacé',
  DocumentRemoved: 'Document retiré',

  TemplateSaved: 'Modèle enregistré',
  TemplateRemoved: 'Modèle supprimé',
  TemplateReset: 'Modèle rétabli',
  DefaultTemplateChosen: 'Modèle par défaut choisi',
  TrialRequested: 'Essai d’un modèle demandé',
} as const satisfies Record<string, string>;

export type ActionType = keyof typeof actionLabels;

export const isAction = (type: string): type is ActionType => Object.hasOwn(actionLabels, type);
