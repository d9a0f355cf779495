export { demoOf } from './demo.js';
export { LauncherFailure, type LauncherFailureCode } from './failure.js';
export { startInstance, type Addresses, type Instance, type InstanceOptions, type ProcessName } from './instance.js';
export type { Ports } from './ports.js';
export type { ProcessState, SupervisedProcess } from './processes.js';
export type { Demo, RunFile } from './run-file.js';
