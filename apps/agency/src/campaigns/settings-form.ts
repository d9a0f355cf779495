import { settingTemplates, type CampaignTerms, type SettingTemplate } from '#libs/campaign';
import { InvalidInput, readInput, type FieldFault } from '#libs/web';
import type { KeptSettings } from '#projections/campaigns';
import { SettingsInput } from './campaign-input.js';

type Field = 'otp' | 'retentionDays' | 'alertDays' | 'agencyEmail' | SettingTemplate;

/** The form of the first step, text by text. */
export type SettingsTexts = Readonly<Partial<Record<Field, string>>>;

/** The form as it is filled in first: with what was chosen last, or with the manual's values. */
export function settingsTexts(kept: KeptSettings | undefined, agencyEmail: string): SettingsTexts {
  if (!kept) return { retentionDays: '15', alertDays: '5', agencyEmail };
  return {
    ...(kept.otp ? { otp: 'yes' } : {}),
    retentionDays: String(kept.retentionDays),
    alertDays: String(kept.alertDays),
    agencyEmail: kept.agencyEmail ?? agencyEmail,
    ...kept.templates,
  };
}

/** Reads the form: the settings, or what is wrong by field of the form. */
export function settingsOf(form: SettingsTexts): SettingsInput | readonly FieldFault[] {
  const { otp, retentionDays, alertDays, agencyEmail = '' } = form;
  const templates: CampaignTerms['templates'] = Object.fromEntries(
    settingTemplates.flatMap((kind) => (form[kind] ? [[kind, form[kind]]] : [])),
  );
  try {
    return readInput(SettingsInput, {
      otp: otp === 'yes',
      retentionDays: days(retentionDays),
      alertDays: days(alertDays),
      agencyEmail,
      templates,
    });
  } catch (error) {
    if (error instanceof InvalidInput) return error.faults;
    throw error;
  }
}

/** What a command takes of the settings. */
export const termsOf = ({ otp, retentionDays, alertDays, agencyEmail, templates }: SettingsInput) => ({
  otp,
  retentionDays,
  alertDays,
  agencyEmail,
  templates,
});

/** NaN, which no rule takes, for anything but digits: `Number('')` would be 0. */
const days = (text: string | undefined): number => (text && /^\d{1,4}$/.test(text.trim()) ? Number(text) : Number.NaN);

/** The field that a refusal of the settings is about. */
export const FIELD_OF_CAMPAIGN_REFUSAL: Readonly<Record<string, string>> = {
  RETENTION_TOO_SHORT: 'retentionDays',
  RETENTION_OUT_OF_RANGE: 'retentionDays',
  ALERT_OUT_OF_RANGE: 'alertDays',
  UNKNOWN_TEMPLATE: 'templates',
  NO_LINE: 'lines',
  TOO_MANY_LINES: 'lines',
};
