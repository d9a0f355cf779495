export {
  AgencyConfiguration,
  AuditConfiguration,
  ConfigurationError,
  KeyIssuerConfiguration,
  OperatorConfiguration,
  readConfiguration,
  StoresConfiguration,
  WebConfiguration,
  WorkerConfiguration,
} from './configuration.js';
export { Clock, SystemClock } from './clock.js';
