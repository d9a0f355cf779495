import { v5 as uuidv5 } from 'uuid';
import { ReceiveReminder, ReminderById } from '#libs/commands';
import type { LineDescription } from '#libs/reminders';
import { asOperator, type Operator } from './operator.js';

type DemoLine = Omit<LineDescription, 'agencyId' | 'document'>;

const RENT = { periode: 'octobre 2026', loyer: '710.00', charges: '85.00', frais: '12.50' };
const HOME = 'Appartement B12, 12 rue des Clercs, 57000 Metz';

/** Lines of all three lists about the third parties of the demonstration: some may become letters, the others show why not. */
const LINES: readonly DemoLine[] = [
  {
    lineId: 'IMP-2026-11-001',
    list: 'unpaid',
    level: 'registered',
    partyCode: '40017',
    dossier: '001',
    data: { ...RENT, bien: HOME, reglements: '200.00', montantDu: '607.50', dateLimite: '2026-12-15' },
  },
  {
    lineId: 'IMP-2026-11-002',
    list: 'unpaid',
    level: 'registered',
    partyCode: '40035',
    dossier: '001',
    data: { ...RENT, montantDu: '807.50' },
  },
  // Has not consented.
  {
    lineId: 'IMP-2026-11-003',
    list: 'unpaid',
    level: 'registered',
    partyCode: '40038',
    dossier: '001',
    data: { ...RENT, montantDu: '807.50' },
  },
  {
    lineId: 'IMP-2026-11-004',
    list: 'unpaid',
    level: 'reminder-1',
    partyCode: '40038',
    dossier: '001',
    data: { periode: 'novembre 2026', montantDu: '795.00' },
  },
  // Is not in the directory.
  {
    lineId: 'IMP-2026-11-005',
    list: 'unpaid',
    level: 'registered',
    partyCode: '40050',
    dossier: '002',
    data: { periode: 'septembre et octobre 2026', montantDu: '1480.00' },
  },
  {
    lineId: 'IMP-2026-11-006',
    list: 'unpaid',
    level: 'bailiff',
    partyCode: '40035',
    dossier: '001',
    data: { periode: 'juillet 2026', montantDu: '795.00' },
  },
  {
    lineId: 'JUS-2026-11-001',
    list: 'insurance',
    level: 'registered',
    partyCode: '40017',
    dossier: '001',
    data: { bien: HOME, justificatif: 'attestation d’assurance habitation', dateEcheance: '2025-12-31' },
  },
  {
    lineId: 'JUS-2026-11-002',
    list: 'insurance',
    level: 'reminder-2',
    partyCode: '40035',
    dossier: '001',
    data: { justificatif: 'attestation d’entretien de la chaudière', dateLimite: '2026-12-15' },
  },
  {
    lineId: 'PNO-2026-11-001',
    list: 'owner-insurance',
    level: 'registered',
    partyCode: '40213',
    dossier: '001',
    data: { bien: HOME, lot: '12', dateEcheance: '2026-10-31' },
  },
  // Is a tenant.
  {
    lineId: 'PNO-2026-11-002',
    list: 'owner-insurance',
    level: 'registered',
    partyCode: '40017',
    dossier: '001',
    data: { bien: HOME },
  },
];

/** Gives the demo agency its reminders, once: what somebody has done with them since stays as it is. */
export async function receiveDemoReminders({ commands, queries }: Operator, agencyId: string): Promise<void> {
  for (const line of LINES) {
    const { state } = await queries.execute(new ReminderById(agencyId, line.lineId));
    if (state.status !== 'unknown') continue;
    const context = asOperator(uuidv5(`reminder-${line.lineId}`, agencyId), agencyId);
    await commands.execute(new ReceiveReminder({ agencyId, ...line }, context));
  }
}
