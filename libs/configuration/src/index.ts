export {
  AgencyConfiguration,
  ConfigurationError,
  KeyIssuerConfiguration,
  readConfiguration,
  StoresConfiguration,
  WebConfiguration,
  WorkerConfiguration,
} from './configuration.js';
export { Clock, SystemClock } from './clock.js';
