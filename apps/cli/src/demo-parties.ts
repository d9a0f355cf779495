import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib';
import { v5 as uuidv5 } from 'uuid';
import { CommandParty, GiveConsent, PartyByCode } from '#libs/commands';
import { fullName, type PartyDetails } from '#libs/directory';
import type { PartyKind } from '#libs/letter';
import { asOperator, type Operator } from './operator.js';

interface DemoParty {
  readonly code: string;
  readonly kind: PartyKind;
  readonly hasConsented: boolean;
  readonly details: PartyDetails;
}

/** Third parties of the manual's pictures (II.2, IV.2); addresses of reserved domains (RFC 2606), so that nobody gets mail. */
const PARTIES: readonly DemoParty[] = [
  {
    code: '40017',
    kind: 'tenant',
    hasConsented: true,
    details: {
      civility: 'M. et Mme',
      name: 'CHARPENTIER Jean Luc',
      secondName: 'CHARPENTIER Marie',
      email: 'jl.charpentier@exemple.example',
      mobile: '+33612345678',
      address: { street: '12 rue des Clercs', postcode: '57000', city: 'Metz' },
    },
  },
  {
    code: '40035',
    kind: 'tenant',
    hasConsented: true,
    details: { civility: 'M.', name: 'GALLISSOT Philippe', email: 'p.gallissot@exemple.example' },
  },
  {
    code: '40038',
    kind: 'tenant',
    hasConsented: false,
    details: {
      civility: 'M. et Mme',
      name: 'BENSEHIL Philippe',
      secondName: 'BEN SAÏD Cherifa',
      email: 'c.bensehil@exemple.example',
    },
  },
  {
    code: '40213',
    kind: 'owner',
    hasConsented: true,
    details: { civility: 'Mme', name: 'ROSE Armance', email: 'a.rose@exemple.example' },
  },
];

/**
 * Gives the demo agency its third parties, once: what somebody has changed since stays as it is. One of them has not consented, so
 * that a refused send can be seen.
 */
export async function registerDemoParties({ commands, queries }: Operator, agencyId: string): Promise<void> {
  const because = (purpose: string) => asOperator(uuidv5(purpose, agencyId), agencyId);
  for (const { code, kind, details, hasConsented } of PARTIES) {
    const { state } = await queries.execute(new PartyByCode(agencyId, code));
    if (state.status === 'unknown') {
      const command = { type: 'registerParty', agencyId, code, kind, professional: false, details } as const;
      await commands.execute(new CommandParty(agencyId, code, command, because(`party-${code}`)));
    }
    const isUntouched = state.status === 'unknown' || (state.consent.status === 'none' && !state.archived);
    if (!hasConsented || !isUntouched) continue;
    const proof = { name: `Accord ${details.name}.pdf`, bytes: await agreement(details) };
    const consent = { givenOn: '2026-01-05', how: 'letter', proof } as const;
    await commands.execute(new GiveConsent(agencyId, code, consent, because(`consent-${code}`)));
  }
}

/** A page that says what was agreed to. */
async function agreement(details: PartyDetails): Promise<Buffer> {
  const document = await PDFDocument.create();
  const page = document.addPage();
  const font = await document.embedFont(StandardFonts.Helvetica);
  const lines = [
    'DÉMONSTRATION',
    fullName(details),
    'donne son accord pour recevoir de l’agence Latour des lettres recommandées électroniques',
    `à l’adresse ${details.email}.`,
  ];
  lines.forEach((line, index) => page.drawText(line, { x: 60, y: 760 - index * 24, size: 11, font }));
  return Buffer.from(await document.save());
}
