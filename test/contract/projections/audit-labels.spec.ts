import { catalogue as campaignEvents } from '#libs/campaign';
import { catalogue as creditEvents } from '#libs/credit';
import { accessCatalogue, catalogue as agencyEvents, partyCatalogue } from '#libs/directory';
import { catalogue as filingEvents } from '#libs/filing';
import { catalogue as letterEvents } from '#libs/letter';
import { reminderCatalogue } from '#libs/reminders';
import { templateCatalogue } from '#libs/templates';
import { actionLabels } from '#projections/audit-log';

/** What the service or a recipient does, or what follows by itself: it stands elsewhere. */
const NOT_BY_PEOPLE = new Set([
  ...['Deposited', 'DepositFailed', 'Notified', 'NotificationFailed', 'OtpRequested', 'OtpSent', 'OtpFailed'],
  ...['OtpRejected', 'OtpVerified', 'Accepted', 'Refused', 'Signed', 'ContentAccessed', 'AlertRaised', 'Expired'],
  ...['Informed', 'InformFailed', 'Reserved', 'Consumed', 'Released', 'UserMailSent', 'UserMailFailed'],
  ...['SecondFactorProposed', 'CampaignLettersListed', 'CampaignLettersSettled', 'CampaignFinished'],
  ...['PrintPrepared', 'PrintFailed', 'ReminderSent', 'ReminderReleased', 'TemplateFailed', 'TrialSent', 'TrialFailed'],
]);

// Whoever adds an event says here whether people cause it; if they do, `actionLabels` says in French what they did.
test('every event is in the audit log, or is nobody’s action', () => {
  const catalogues = [letterEvents, agencyEvents, accessCatalogue, partyCatalogue, creditEvents, campaignEvents];
  const types = [...catalogues, reminderCatalogue, filingEvents, templateCatalogue].flatMap((one) => Object.keys(one));
  expect(types.filter((type) => !(type in actionLabels) && !NOT_BY_PEOPLE.has(type))).toEqual([]);
  expect(Object.keys(actionLabels).filter((type) => !types.includes(type))).toEqual([]);
});
