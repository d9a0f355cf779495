/**
 * The texts that Pli comes with. A body is a text in a simple form: an empty line parts paragraphs, `# ` begins a headline, `> ` a framed line,
 * `- label : value` a row of facts, and `[words](link)` alone on its line is a button (`layOutMail` of libs/documents);
 * in letters there are no buttons (`layOutLetter`).
 */

const PERSONAL_LINK = 'Ce lien vous est personnel : ne le transmettez à personne.';

/** The manual's own words, V.1 and V.3. */
export const recipientMails = {
  signature: {
    subject: 'Une lettre recommandée électronique vous attend',
    body: `Bonjour {{destinataire}},

Au moins un document est disponible pour signature de cette lettre recommandée avec accusé de réception.

Merci de bien vouloir cliquer sur le lien ci-dessous pour procéder à la signature.

[Cliquez ici pour signer]({{lien}})

> La date limite de signature est fixée au {{dateLimite}} (heure de Paris).

Jusqu’à cette date, vous pouvez accepter ou refuser cette lettre. L’identité de l’expéditeur vous est communiquée après votre acceptation.{{#if code}} Un code de vérification vous sera envoyé par SMS : gardez votre téléphone à portée de main.{{/if}}

${PERSONAL_LINK}`,
  },
  reminder: {
    subject: 'Rappel : une lettre recommandée électronique vous attend',
    body: `Bonjour {{destinataire}},

Une lettre recommandée électronique avec accusé de réception vous attend toujours : vous ne l’avez pas encore signée ni refusée.

[Cliquez ici pour signer]({{lien}})

> La date limite de signature est fixée au {{dateLimite}} (heure de Paris). Passé cette date, la lettre ne sera plus accessible.

L’identité de l’expéditeur vous est communiquée après votre acceptation.{{#if code}} Un code de vérification vous sera envoyé par SMS : gardez votre téléphone à portée de main.{{/if}}

${PERSONAL_LINK}`,
  },
  signedDocuments: {
    subject: 'Vos documents signés',
    body: `Bonjour {{destinataire}},

Les documents que vous avez signés sont disponibles.

Merci de bien vouloir cliquer sur le lien ci-dessous pour accéder à l’espace de téléchargement.

[Cliquez ici pour télécharger]({{lien}})

- Référence : {{reference}}
- Package n° : {{package}}
- Signé le : {{signeLe}} (heure de Paris)

${PERSONAL_LINK}`,
  },
} as const;

const OBJECT = '– dossier {{dossier}} – destinataire {{codeTiers}}';
const FACTS = `- Dossier : {{dossier}}
- Destinataire : {{codeTiers}} {{destinataire}}
- Référence : {{reference}}
{{#each documents}}
- Document : {{nom}}
{{/each}}
- Déposé le : {{deposeLe}} (heure de Paris)`;
const SEE = '[Voir la lettre]({{lien}})';

/** Dossier and third-party codes stand in the subject (manual V.4). */
export const agencyMails = {
  depositProof: {
    subject: `Preuve de dépôt d’une lettre recommandée ${OBJECT}`,
    body: `# Votre lettre recommandée est déposée

- Dossier : {{dossier}}
- Destinataire : {{codeTiers}} {{destinataire}}
- Référence : {{reference}}
- Déposé le : {{deposeLe}} (heure de Paris)
{{#each documents}}
- {{nom}}, empreinte SHA-256 : {{empreinte}}
{{/each}}

L’avis part aussitôt au destinataire.

${SEE}`,
  },
  confirmation: {
    subject: `Lettre recommandée signée ${OBJECT}`,
    body: `# {{qualite}} a signé un document

${FACTS}
- Signé le : {{signeLe}} (heure de Paris)

[Cliquez ici pour télécharger les documents signés]({{lien}})`,
  },
  refusal: {
    subject: `Lettre recommandée refusée ${OBJECT}`,
    body: `# {{qualite}} a refusé une lettre recommandée

${FACTS}
- Refusé le : {{refuseLe}} (heure de Paris)

Ce refus est définitif : le contenu de la lettre ne lui a pas été communiqué.

${SEE}`,
  },
  expiry: {
    subject: `Lettre recommandée non réclamée ${OBJECT}`,
    body: `# {{qualite}} n’a pas signé une lettre recommandée dans le délai

${FACTS}
- Date limite : {{dateLimite}} (heure de Paris)

La lettre n’est plus accessible au destinataire. Vous pouvez consulter vos documents pendant un an.

${SEE}`,
  },
  alert: {
    subject: `Lettre recommandée bientôt échue ${OBJECT}`,
    body: `# {{qualite}} n’a pas encore signé une lettre recommandée

${FACTS}
- Date limite : {{dateLimite}} (heure de Paris)

Passé cette date, la lettre ne sera plus accessible au destinataire.

${SEE}`,
  },
  bounce: {
    subject: `Avis de lettre recommandée non remis ${OBJECT}`,
    body: `# L’avis d’une lettre recommandée n’a pas pu être remis

${FACTS}
{{#if adresse}}
- Adresse refusée : {{adresse}}
{{/if}}
- Réponse du système de messagerie : {{reponse}}

Corrigez l’adresse e-mail du destinataire sur la page de la lettre : un nouvel avis partira aussitôt et le délai courra à partir de ce nouvel envoi.

[Corriger l’adresse]({{lien}})`,
  },
} as const;

/** One SMS; without typographic apostrophe, which its alphabet lacks. */
export const smsCode = {
  body: 'Lettre recommandée électronique : votre code est {{code}}. Il est valable 10 minutes. Ne le communiquez à personne.',
} as const;

const letter = (subject: string, text: string): { readonly subject: string; readonly body: string } => ({
  subject,
  body: `Madame, Monsieur,

${text}

Nous vous prions d’agréer, Madame, Monsieur, l’expression de nos salutations distinguées.`,
});

/** The sentence that says where, for what `bien` is. */
const PREMISES = '{{#if bien}} : {{bien}}{{/if}}';
const UNTIL =
  '{{#if dateLimite}}au plus tard le {{dateLimite}}{{else}}dans les huit jours suivant la réception de cette lettre{{/if}}';

/** The letters of the three lists of reminders (manual IV.1). Sender, addressee, date and subject are the layout's (`layOutLetter`). */
export const letters = {
  /** Art. 1344 and 1231-6 of the code civil: formal notice and interest; art. 24 of the law of 6 July 1989: clause résolutoire. */
  unpaid: letter(
    'Mise en demeure de payer{{#if periode}} – {{periode}}{{/if}}',
    `Sauf erreur ou omission de notre part, les sommes suivantes restent dues au titre du logement que vous louez${PREMISES}.

{{#if periode}}
- Période : {{periode}}
{{/if}}
{{#if loyer}}
- Loyer : {{loyer}}
{{/if}}
{{#if charges}}
- Charges : {{charges}}
{{/if}}
{{#if frais}}
- Frais : {{frais}}
{{/if}}
{{#if reglements}}
- Règlements reçus, à déduire : {{reglements}}
{{/if}}

> Montant dû : {{montantDu}}

Malgré nos précédents rappels, cette somme ne nous est pas parvenue. Nous vous mettons donc en demeure de nous régler {{montantDu}} ${UNTIL}.

À défaut de règlement dans ce délai, nous serons contraints d’engager les procédures prévues par la loi et par votre bail, notamment de vous faire délivrer par un commissaire de justice un commandement de payer visant la clause résolutoire (article 24 de la loi n° 89-462 du 6 juillet 1989).

Si votre règlement a croisé cette lettre, nous vous remercions de ne pas en tenir compte. Si vous rencontrez des difficultés, prenez contact avec nous sans attendre afin de convenir d’un échéancier.

Cette lettre vaut mise en demeure au sens de l’article 1344 du code civil ; les intérêts au taux légal courent à compter de sa réception (article 1231-6 du même code).`,
  ),
  /** Art. 7 g) of the law of 6 July 1989: a tenant is insured and proves it each year; art. 7 d): he maintains what he uses. */
  insurance: letter(
    'Justificatif à nous adresser : {{justificatif}}',
    `Sauf erreur de notre part, nous n’avons pas reçu le justificatif suivant pour le logement que vous louez${PREMISES}.

- Justificatif attendu : {{justificatif}}
{{#if dateEcheance}}
- Échéance du précédent : {{dateEcheance}}
{{/if}}

Malgré nos précédents rappels, ce document manque toujours à votre dossier. Nous vous demandons de nous l’adresser ${UNTIL}, par retour de courrier ou à l’adresse e-mail ci-dessus.

À défaut, nous serons contraints d’engager les procédures prévues par la loi et par votre bail.

Si vous nous l’avez adressé entre-temps, nous vous remercions de ne pas tenir compte de cette lettre.

Le locataire est tenu de s’assurer contre les risques dont il répond et d’en justifier chaque année à la demande du bailleur, ainsi que de prendre à sa charge l’entretien courant du logement et de ses équipements (article 7, d et g, de la loi n° 89-462 du 6 juillet 1989).`,
  ),
  /** Art. 9-1 of the law of 10 July 1965: a co-owner is insured, whether he lives there or not. */
  ownerInsurance: letter(
    'Attestation d’assurance propriétaire non occupant (PNO)',
    `Sauf erreur de notre part, nous n’avons pas reçu votre attestation d’assurance de propriétaire non occupant pour le bien suivant.

- Bien : {{bien}}
{{#if lot}}
- Lot : {{lot}}
{{/if}}
{{#if dateEcheance}}
- Échéance de la précédente attestation : {{dateEcheance}}
{{/if}}

Malgré nos précédents rappels, cette attestation manque toujours à votre dossier. Nous vous demandons de nous l’adresser ${UNTIL}, par retour de courrier ou à l’adresse e-mail ci-dessus.

Si vous nous l’avez adressée entre-temps, nous vous remercions de ne pas tenir compte de cette lettre.

Chaque copropriétaire, occupant ou non, est tenu de s’assurer contre les risques de responsabilité civile dont il doit répondre (article 9-1 de la loi n° 65-557 du 10 juillet 1965).`,
  ),
} as const;
