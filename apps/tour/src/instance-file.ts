import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What `run.json` of a running instance tells a program: where it is and how to get in. */
export interface RunningInstance {
  readonly addresses: { readonly agency: string; readonly ceremony: string; readonly inbox: string };
  readonly login: { readonly email: string; readonly password: string };
  readonly apiKey: string;
  readonly agency: { readonly name: string };
  readonly dataFolder: string;
}

/** @param path of the `run.json` that `npm start` writes once everything serves. */
export function readRunFile(path: string): RunningInstance {
  return {
    ...(JSON.parse(readFileSync(path, 'utf8')) as Omit<RunningInstance, 'dataFolder'>),
    dataFolder: dirname(path),
  };
}
