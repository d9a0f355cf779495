import {
  features,
  GossipService,
  PersistentSubscriptionsService,
  ProjectionsService,
  ServerFeaturesService,
  StreamsService,
} from './protocol.js';

/** The release whose behaviour is answered; clients switch abilities on by it. */
export const SERVER_VERSION = '24.6.0';

const FEATURES: Readonly<Record<string, readonly string[]>> = {
  '/event_store.client.streams.Streams/Read': ['position', 'events'],
  '/event_store.client.streams.Streams/BatchAppend': ['deadline_duration'],
};

/**
 * What `ServerFeatures.GetSupportedMethods` answers: the methods that are really offered, in lower case as the real server does.
 */
export function supportedMethods(withProjections: boolean): features.SupportedMethods {
  const services = [StreamsService, PersistentSubscriptionsService, GossipService, ServerFeaturesService];
  const methods = services.flatMap((service) =>
    Object.values<{ path: string }>(service).map(({ path }) => supportedMethod(path)),
  );
  if (withProjections) {
    const { enable, disable, statistics } = ProjectionsService;
    methods.push(...[enable, disable, statistics].map(({ path }) => supportedMethod(path)));
  }
  return new features.SupportedMethods().setEventStoreServerVersion(SERVER_VERSION).setMethodsList(methods);
}

function supportedMethod(path: string): features.SupportedMethod {
  const [, service = '', method = ''] = path.split('/');
  const isPersistent = service.endsWith('PersistentSubscriptions');
  return new features.SupportedMethod()
    .setServiceName(service.toLowerCase())
    .setMethodName(method.toLowerCase())
    .setFeaturesList(isPersistent ? ['stream', 'all'] : [...(FEATURES[path] ?? [])]);
}
