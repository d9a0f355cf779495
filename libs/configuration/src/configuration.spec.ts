import { ConfigurationError, readConfiguration, StoresConfiguration, WorkerConfiguration } from './index.js';

const stores = {
  EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
  MONGODB_URL: 'mongodb://127.0.0.1:27017/pli?replicaSet=rs0',
  PLI_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const worker = {
  ...stores,
  PLI_PORT: '7406',
  PLI_AGENCY_URL: 'http://127.0.0.1:7400',
  PLI_CEREMONY_URL: 'http://127.0.0.1:7401',
  SMTP_URL: 'smtp://127.0.0.1:7403',
  SMS_GATEWAY_URL: 'http://127.0.0.1:7402/sms',
  PLI_MAIL_FROM: 'LRE <lre@pli.localhost>',
  PLI_SEAL: '/data/authority/seal.pem',
  PLI_TRUST_ANCHORS: '/data/authority/anchors.pem',
  PLI_REVOCATION_LISTS: 'http://127.0.0.1:7407/revocation-list.crl',
  TSA_URL: 'http://127.0.0.1:7407/timestamps,https://tsa.example.fr',
};

test('reads a whole environment and fills in what has a default', () => {
  const configuration = readConfiguration(WorkerConfiguration, { ...worker, HOME: '/root' });
  expect(configuration).toMatchObject({ PLI_PORT: 7406, PLI_HOST: '127.0.0.1', PLI_CLOCK: 'system' });
});

test.each([
  ['EVENTSTORE_URL', 'http://127.0.0.1:2113'],
  ['MONGODB_URL', 'mongodb://10.9.8.7:27017'],
  ['PLI_MASTER_KEY', 'c2hvcnQ='],
  ['PLI_CLOCK', 'sundial'],
  ['PLI_PORT', '70000'],
  ['PLI_AGENCY_URL', 'http://10.9.8.7/path'],
  ['PLI_CEREMONY_URL', undefined],
  ['SMTP_URL', 'mail-of-mine'],
  ['SMS_GATEWAY_URL', 'gateway-of-mine'],
  ['PLI_MAIL_FROM', 'nobody'],
  ['PLI_QUALIFICATION', '??'],
  ['PLI_TRUSTED_PROXIES', '10.0.0.4,everybody'],
  ['PLI_TRUSTED_PROXIES', '10.0.0.0/33'],
  ['PLI_SEAL', undefined],
  ['PLI_TRUST_ANCHORS', undefined],
  ['PLI_REVOCATION_LISTS', 'list-of-mine'],
  ['TSA_URL', 'https://tsa.example.fr; http://other.example'],
  ['TSA_POLICY', 'best'],
  ['MONGODB_URL', ''],
])('a wrong %s stops the start with its name, and its value stays out of the message', (name, value) => {
  const read = () => readConfiguration(WorkerConfiguration, { ...worker, [name]: value });
  expect(read).toThrow(ConfigurationError);
  expect(read).toThrow(name);
  if (value) expect(read).not.toThrow(value);
});

test('names every wrong variable at once', () => {
  const read = () => readConfiguration(StoresConfiguration, { MONGODB_URL: 'x', PLI_MASTER_KEY: 'y' });
  expect(read).toThrow(/EVENTSTORE_URL.*MONGODB_URL.*PLI_MASTER_KEY/);
});

test('an empty variable is an absent one', () => {
  expect(readConfiguration(WorkerConfiguration, { ...worker, PLI_QUALIFICATION: '', PLI_CLOCK: '' }).PLI_CLOCK).toBe(
    'system',
  );
});
