import { readSettings, SettingsWrong } from './settings.js';

const environment = { PLI_HOST: '0.0.0.0', PLI_PORT: '7402', PLI_SMTP_PORT: '7403', PLI_DATA: '/data' };

test('reads a whole environment', () => {
  expect(readSettings(environment)).toEqual({ host: '0.0.0.0', port: 7402, smtpPort: 7403, data: '/data' });
  expect(readSettings({ ...environment, PLI_HOST: '' }).host).toBe('127.0.0.1');
});

test.each([
  ['PLI_PORT', '70000'],
  ['PLI_PORT', ''],
  ['PLI_SMTP_PORT', '-1'],
  ['PLI_SMTP_PORT', '25x'],
  ['PLI_DATA', ''],
])('a wrong %s (%j) stops the start with its name', (name, value) => {
  const read = () => readSettings({ ...environment, [name]: value });
  expect(read).toThrow(SettingsWrong);
  expect(read).toThrow(name);
});
