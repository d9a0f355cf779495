export { MailUnavailable } from './mailer.js';
export type { Mail, Mailer, MailOutcome } from './mailer.js';
export { SmtpMailer } from './smtp-mailer.js';
export type { SmtpMailerOptions } from './smtp-mailer.js';
export { SmsUnavailable } from './sms-gateway.js';
export type { Sms, SmsGateway, SmsOutcome } from './sms-gateway.js';
export { HttpSmsGateway } from './http-sms-gateway.js';
export type { HttpSmsGatewayOptions } from './http-sms-gateway.js';
export { MessagingMisconfigured } from './misconfigured.js';
