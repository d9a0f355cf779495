import 'reflect-metadata';
import { isIP } from 'node:net';
import { plainToInstance, Transform } from 'class-transformer';
import {
  IsBase64,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  MinLength,
  ValidateBy,
  validateSync,
} from 'class-validator';

/** A variable of the environment is missing or wrong. The message names it and says what it should look like. */
export class ConfigurationError extends Error {
  readonly code = 'CONFIGURATION';
}

/** What a field of a configuration class reads: the name of the environment's variable. */
const WHOLE_NUMBER = ({ value }: { value: unknown }): unknown => (typeof value === 'string' ? Number(value) : value);

const Is32Bytes = (): PropertyDecorator =>
  ValidateBy({
    name: 'is32Bytes',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && Buffer.from(value, 'base64').length === 32,
      defaultMessage: () => '$property must be 32 bytes in base64 (openssl rand -base64 32)',
    },
  });

const AreAddresses = (): PropertyDecorator =>
  ValidateBy({
    name: 'areAddresses',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && value.split(',').every(isNetwork),
      defaultMessage: () => '$property must be addresses or networks, such as 10.0.0.4,172.16.0.0/12',
    },
  });

function isNetwork(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  return version !== 0 && Number(bits ?? 0) <= (version === 4 ? 32 : 128);
}

/** Where the events, the read models and the documents are, and the key that wraps every letter's key. */
export class StoresConfiguration {
  @Matches(/^(esdb|kurrentdb)(\+discover)?:\/\//, {
    message: 'EVENTSTORE_URL must be a connection string such as esdb://127.0.0.1:2113?tls=false',
  })
  EVENTSTORE_URL: string;

  @Matches(/^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/, {
    message: 'MONGODB_URL must name a server and a database, such as mongodb://127.0.0.1:27017/pli?replicaSet=rs0',
  })
  MONGODB_URL: string;

  @IsBase64({}, { message: 'PLI_MASTER_KEY must be 32 bytes in base64 (openssl rand -base64 32)' })
  @Is32Bytes()
  PLI_MASTER_KEY: string;

  /** `simulated` lets an operator run deadlines as of a later instant; for trying out only, never where letters count. */
  @IsIn(['system', 'simulated'], { message: 'PLI_CLOCK must be system or simulated' })
  PLI_CLOCK: 'system' | 'simulated' = 'system';

  /** Name of the entry in the trusted list that makes this service a qualified one (L.100 CPCE); none by default. */
  @IsOptional()
  @IsString()
  @MinLength(3, { message: 'PLI_QUALIFICATION must be the name of the trusted list entry, or absent' })
  PLI_QUALIFICATION?: string;
}

/** A process that listens. */
export class WebConfiguration extends StoresConfiguration {
  @IsString()
  PLI_HOST = '127.0.0.1';

  @Transform(WHOLE_NUMBER)
  @IsInt({ message: 'PLI_PORT must be a port number from 1 to 65535' })
  @Min(1, { message: 'PLI_PORT must be a port number from 1 to 65535' })
  @Max(65_535, { message: 'PLI_PORT must be a port number from 1 to 65535' })
  PLI_PORT: number;

  /** The agency pages as a browser reaches them. */
  @Matches(/^https?:\/\/[^/]+$/, { message: 'PLI_AGENCY_URL must be an origin such as https://agence.example.fr' })
  PLI_AGENCY_URL: string;

  /** The ceremony pages as a recipient's browser reaches them. */
  @Matches(/^https?:\/\/[^/]+$/, { message: 'PLI_CEREMONY_URL must be an origin such as https://lre.example.fr' })
  PLI_CEREMONY_URL: string;

  /** The proxies in front, whose `X-Forwarded-For` tells where a request comes from; nobody else's is believed. */
  @IsOptional()
  @AreAddresses()
  PLI_TRUSTED_PROXIES?: string;
}

const KEYS = 'from "pli keys generate" (32 bytes in base64)';

/** The agency's pages and API. */
export class AgencyConfiguration extends WebConfiguration {
  /** Verifies activation and recharge keys; no secret. */
  @IsBase64({}, { message: `PLI_KEYS_PUBLIC must be the public key ${KEYS}` })
  @Is32Bytes()
  PLI_KEYS_PUBLIC: string;

  /** Whether managers must have a second factor. `optional` is for trying out, where a password must be enough. */
  @IsIn(['required', 'optional'], { message: 'PLI_SECOND_FACTOR must be required or optional' })
  PLI_SECOND_FACTOR: 'required' | 'optional' = 'required';
}

/** Whoever issues activation and recharge keys: the operator's command line alone. */
export class KeyIssuerConfiguration {
  @IsBase64({}, { message: `PLI_KEYS_PRIVATE must be the private key ${KEYS}` })
  @Is32Bytes()
  PLI_KEYS_PRIVATE: string;
}

/** The operator's own pages. */
export class OperatorConfiguration extends StoresConfiguration {
  /** Loopback unless told otherwise: these pages are for whoever runs the service, from the machine or through a tunnel. */
  @IsString()
  PLI_HOST = '127.0.0.1';

  @Transform(WHOLE_NUMBER)
  @IsInt({ message: 'PLI_PORT must be a port number from 1 to 65535' })
  @Min(1, { message: 'PLI_PORT must be a port number from 1 to 65535' })
  @Max(65_535, { message: 'PLI_PORT must be a port number from 1 to 65535' })
  PLI_PORT: number;

  /** The operator's pages as a browser reaches them. */
  @Matches(/^https?:\/\/[^/]+$/, { message: 'PLI_OPERATOR_URL must be an origin such as http://127.0.0.1:7408' })
  PLI_OPERATOR_URL: string;

  @IsString({ message: 'PLI_OPERATOR_PASSWORD must have 20 characters at least (openssl rand -base64 24)' })
  @MinLength(20, { message: 'PLI_OPERATOR_PASSWORD must have 20 characters at least (openssl rand -base64 24)' })
  PLI_OPERATOR_PASSWORD: string;

  /** Issues activation and recharge keys on a page; without it the command line does. */
  @IsOptional()
  @IsBase64({}, { message: `PLI_KEYS_PRIVATE must be the private key ${KEYS}` })
  @Is32Bytes()
  PLI_KEYS_PRIVATE?: string;
}

const SEAL_FILE = 'the file with key and certificate of the seal (PEM)';
const ANCHORS_FILE = 'the file with the trusted root certificates (PEM)';
const ADDRESSES = /^https?:\/\/[^\s,]+(,https?:\/\/[^\s,]+)*$/;

/** Whoever checks what is stored: the operator's command line. */
export class AuditConfiguration {
  /** File with the root certificates that are trusted for seals and timestamps (PEM). */
  @IsString({ message: `PLI_TRUST_ANCHORS must name ${ANCHORS_FILE}` })
  @MinLength(1, { message: `PLI_TRUST_ANCHORS must name ${ANCHORS_FILE}` })
  PLI_TRUST_ANCHORS: string;
}

/** The process that mails, texts, prints and watches deadlines. */
export class WorkerConfiguration extends WebConfiguration {
  @Matches(/^smtps?:\/\//, { message: 'SMTP_URL must be an address such as smtp://user:password@mail.example.fr:587' })
  SMTP_URL: string;

  @Matches(/^https?:\/\//, { message: 'SMS_GATEWAY_URL must be an address such as https://sms.example.fr/messages' })
  SMS_GATEWAY_URL: string;

  @Matches(/@/, { message: 'PLI_MAIL_FROM must be the sender of every e-mail, such as LRE <lre@example.fr>' })
  PLI_MAIL_FROM: string;

  /** File with the private key of the seal, its certificate, and those between it and an anchor (PEM). */
  @IsString({ message: `PLI_SEAL must name ${SEAL_FILE}` })
  @MinLength(1, { message: `PLI_SEAL must name ${SEAL_FILE}` })
  PLI_SEAL: string;

  /** File with the root certificates that are trusted for seals and timestamps (PEM). */
  @IsString({ message: `PLI_TRUST_ANCHORS must name ${ANCHORS_FILE}` })
  @MinLength(1, { message: `PLI_TRUST_ANCHORS must name ${ANCHORS_FILE}` })
  PLI_TRUST_ANCHORS: string;

  /** The revocation lists of all authorities involved, separated by commas. */
  @Matches(ADDRESSES, { message: 'PLI_REVOCATION_LISTS must be addresses of lists, separated by commas' })
  PLI_REVOCATION_LISTS: string;

  /** Timestamp authorities (RFC 3161), separated by commas; the next one is asked when one fails. */
  @Matches(ADDRESSES, { message: 'TSA_URL must be addresses of timestamp authorities, separated by commas' })
  TSA_URL: string;

  /** OID of the policy that timestamps must be under; any without it. */
  @IsOptional()
  @Matches(/^[0-2](\.\d+)+$/, { message: 'TSA_POLICY must be an OID such as 0.4.0.2023.1.1, or absent' })
  TSA_POLICY?: string;
}

/**
 * Reads and checks the variables that `type` declares.
 *
 * @throws ConfigurationError naming every wrong variable, one sentence each; values are never repeated, they may be secrets.
 */
export function readConfiguration<T extends object>(type: new () => T, environment: NodeJS.ProcessEnv): T {
  // Compose files hand an unset variable on as an empty one.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const configuration = plainToInstance(type, given, { exposeDefaultValues: true });
  const faults = validateSync(configuration).flatMap((fault) => Object.values(fault.constraints ?? {}).slice(0, 1));
  if (faults.length > 0) throw new ConfigurationError(`Configuration: ${faults.join('; ')}.`);
  return configuration;
}
