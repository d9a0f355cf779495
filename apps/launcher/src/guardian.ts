// Stands between the launcher and a program that is not Node.js, and so cannot preload lifeline.ts itself:
// `node --import lifeline.js guardian.js <program> <arguments>`. It tells the launcher the program's pid, hands signals on
// and ends as the program ends.
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';

const [program = '', ...args] = process.argv.slice(2);

// Where the kernel can do it, the program dies even with a guardian that is killed: setpriv(1), prctl(2) PR_SET_PDEATHSIG.
const bound = ['--pdeathsig', 'TERM', '--'];
const canBind = process.platform === 'linux' && spawnSync('setpriv', [...bound, 'true']).status === 0;
const child = spawn(canBind ? 'setpriv' : program, canBind ? [...bound, program, ...args] : args, {
  stdio: ['ignore', 'inherit', 'inherit'],
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill('SIGTERM'));
child.on('spawn', () => process.send?.({ pid: child.pid }));
child.on('error', (error) => {
  console.error(`${program} could not be started: ${error.message}`);
  process.exit(127);
});
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
