import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { WorkerConfiguration } from '#libs/configuration';
import { HttpSmsGateway, SmtpMailer, type Mail, type MailOutcome, type Sms, type SmsOutcome } from '#libs/messaging';

/** The way out for e-mails and text messages, over the addresses of the configuration. */
@Injectable()
export class Outbox implements OnApplicationShutdown {
  private readonly mailer: SmtpMailer;
  private readonly gateway: HttpSmsGateway;

  /** @throws MessagingMisconfigured */
  constructor({ SMTP_URL, SMS_GATEWAY_URL }: WorkerConfiguration) {
    this.mailer = new SmtpMailer({ url: SMTP_URL });
    this.gateway = new HttpSmsGateway({ url: SMS_GATEWAY_URL });
  }

  /** @throws MailUnavailable */
  mail(mail: Mail): Promise<MailOutcome> {
    return this.mailer.send(mail);
  }

  /** @throws SmsUnavailable */
  text(sms: Sms): Promise<SmsOutcome> {
    return this.gateway.send(sms);
  }

  /** Comes after the last reaction has finished. */
  onApplicationShutdown(): Promise<void> {
    return this.mailer.close();
  }
}
