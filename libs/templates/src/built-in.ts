/**
 * The texts that Pli comes with. A body is a text in a simple form: an empty line parts paragraphs, `# ` begins a headline, `> ` a framed line,
 * `- label : value` a row of facts, and `[words](link)` alone on its line is a button (`layOutMail` of libs/documents).
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

const printed = (subject: string, text: string): { readonly subject: string; readonly body: string } => ({
  subject,
  body: `{{destinataire}},

${text}

Nous vous prions d’agréer l’expression de nos salutations distinguées.

{{agence}}`,
});

/** The letters of the three lists of reminders (manual IV.1). */
export const letters = {
  unpaid: printed(
    'Mise en demeure de payer',
    'Sauf erreur de notre part, vos loyers et charges restent impayés. Nous vous mettons en demeure de les régler.',
  ),
  insurance: printed(
    'Justificatif d’assurance',
    'Nous n’avons pas reçu vos justificatifs d’assurance et d’entretien. Nous vous demandons de nous les adresser.',
  ),
  ownerInsurance: printed(
    'Assurance propriétaire non occupant',
    'Nous n’avons pas reçu votre attestation d’assurance de propriétaire non occupant. Nous vous demandons de nous l’adresser.',
  ),
} as const;
