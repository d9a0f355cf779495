// Jest runs the TypeScript sources as native ES modules (Nest 12 is ESM only): see docs/decisions/0005-toolchain.md.
import { availableParallelism } from 'node:os';

const shared = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*(?<!\\.json))\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/'],
};

export default {
  // Two at a time also on two processors, since specs wait a lot; a process is replaced once it is large, for native modules are never let go of.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  workerIdleMemoryLimit: '1GB',
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,projections}/**/*.spec.ts'] },
    { ...shared, displayName: 'whole', testMatch: ['<rootDir>/test/**/*.spec.ts'] },
  ],
  testTimeout: 60_000,
};
