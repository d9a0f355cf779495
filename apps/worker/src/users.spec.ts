/**
 * mailparser mixes ES and CommonJS modules in a cycle, which Jest only bears when "import" is not forced upon CommonJS.
 * @jest-environment-options {"customExportConditions": ["source", "node"]}
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { CommandBus } from '@nestjs/cqrs';
import { simpleParser, type ParsedMail } from 'mailparser';
import {
  AgencyById,
  CommandAgency,
  InviteUser,
  RegisterAgency,
  RegisterUser,
  RequestPasswordReset,
  UserOfLink,
} from '#libs/commands';
import type { AgencyEventOf, AgencyEventType } from '#libs/directory';
import type { CommandContext, StoredEvent } from '#libs/event-store';
import { UserReaction } from './reactions/user.reaction.js';
import { eventually } from './spec/eventually.js';
import { MAIL_DOMAIN, World } from './spec/world.js';

const agencyId = randomUUID();
const userId = randomUUID();
const claire = `claire.${randomUUID().slice(0, 8)}@latour.example`;
let world: World;

const context = (): CommandContext => {
  const commandId = randomUUID();
  return { commandId, correlationId: commandId, causationId: commandId, actor: 'operator' };
};

beforeAll(async () => {
  world = await World.open();
  await world.startWorker();
  const details = { code: '9998', name: 'Agence Latour', email: 'info@latour.example' };
  await world.commands.execute(new RegisterAgency(agencyId, details, context()));
  const user = { userId, email: claire, name: 'Claire Martin', role: 'manager', password: 'clé du château' } as const;
  await world.commands.execute(new RegisterUser(agencyId, user, context()));
});
afterAll(() => world.close());

const mailsTo = (address: string): Promise<ParsedMail[]> =>
  Promise.all(world.mail.to(address).map(({ raw }) => simpleParser(raw)));

async function events<Type extends AgencyEventType>(type: Type): Promise<StoredEvent<AgencyEventOf<Type>>[]> {
  const { events: all } = await world.queries.execute(new AgencyById(agencyId));
  return all.filter(({ event }) => event.type === type) as unknown as StoredEvent<AgencyEventOf<Type>>[];
}

/** Waits for an e-mail's outcome to be told. */
const mailed = (messageId: string) =>
  eventually(`the outcome of ${messageId}`, async () =>
    [...(await events('UserMailSent')), ...(await events('UserMailFailed'))].find(
      ({ event }) => event.data.messageId === messageId,
    ),
  );

const reaction = (): UserReaction => {
  if (!world.worker) throw new Error('The worker does not run.');
  return world.worker.get(UserReaction);
};

test('an invitation is mailed with a link that leads to it, once', async () => {
  const email = `paul.${randomUUID().slice(0, 8)}@latour.example`;
  await world.commands.execute(new InviteUser(agencyId, { email, role: 'clerk' }, context()));
  const [asked] = await events('UserInvited');
  const { linkId } = asked?.event.data ?? { linkId: '' };
  await mailed(`invitation.${linkId}@${MAIL_DOMAIN}`);
  const [mail] = await mailsTo(email);
  expect(mail?.messageId).toBe(`<invitation.${linkId}@${MAIL_DOMAIN}>`);
  expect(mail?.text).toContain('Agence Latour');
  const [, token = ''] = /https:\/\/agence\.example\/invitation\/([\w-]{86})/.exec(mail?.text ?? '') ?? [];
  expect(await world.queries.execute(new UserOfLink('invitation', token))).toMatchObject({ linkId, isExpired: false });
  expect(await world.queries.execute(new UserOfLink('password-reset', token))).toBeUndefined();
  await reaction().userInvited(asked as StoredEvent);
  expect(await mailsTo(email)).toHaveLength(1);
});

test('a forgotten password is mailed a link, a replaced one is not', async () => {
  await world.commands.execute(new RequestPasswordReset(agencyId, userId, context()));
  const [asked] = await events('PasswordResetRequested');
  await mailed(`password-reset.${asked?.event.data.linkId ?? ''}@${MAIL_DOMAIN}`);
  const [mail] = await mailsTo(claire);
  const [, token = ''] = /\/mot-de-passe\/([\w-]{86})/.exec(mail?.text ?? '') ?? [];
  expect(await world.queries.execute(new UserOfLink('password-reset', token))).toMatchObject({ user: { userId } });
  await world.commands.execute(new RequestPasswordReset(agencyId, userId, context()));
  expect(await world.queries.execute(new UserOfLink('password-reset', token))).toBeUndefined();
  const [, again] = await events('PasswordResetRequested');
  await mailed(`password-reset.${again?.event.data.linkId ?? ''}@${MAIL_DOMAIN}`);
  await reaction().passwordResetRequested(asked as StoredEvent);
  expect(await mailsTo(claire)).toHaveLength(2);
});

test('a lock-out is told to the owner of the account; one that was killed after the e-mail repeats the same one', async () => {
  const lockId = randomUUID();
  const lock = { type: 'lockLogIn', userId, lockId, until: new Date(Date.now() + 900_000).toISOString() } as const;
  const bus = world.worker?.get(CommandBus);
  const execute = bus?.execute.bind(bus);
  let alive = true;
  // The worker dies once between the e-mail and its record.
  if (bus && execute) {
    bus.execute = ((command: { command?: { type?: string } }) => {
      if (alive && command.command?.type === 'confirmUserMail') {
        alive = false;
        return Promise.reject(new Error('killed between effect and outcome'));
      }
      return execute(command as never);
    }) as typeof bus.execute;
  }
  await world.commands.execute(new CommandAgency(agencyId, lock, context()));
  await mailed(`lock-out.${lockId}@${MAIL_DOMAIN}`);
  const told = (await mailsTo(claire)).filter(({ messageId }) => messageId === `<lock-out.${lockId}@${MAIL_DOMAIN}>`);
  expect(told).toHaveLength(2);
  expect(told[0]?.text).toContain('bloquée');
});

test('an address that is refused for good is told', async () => {
  const email = `absent.${randomUUID().slice(0, 8)}@latour.example`;
  world.mail.refuse(email, { code: 550, words: '5.1.1 No such user here' });
  await world.commands.execute(new InviteUser(agencyId, { email, role: 'reader' }, context()));
  const asked = (await events('UserInvited')).at(-1);
  await eventually('the failure', async () =>
    (await events('UserMailFailed')).find(({ event }) => event.data.userId === asked?.event.data.userId),
  );
});
