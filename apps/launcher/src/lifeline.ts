// Preloaded (`--import`) into every process that the launcher starts. The launcher holds the other end of its stdin and
// never writes: when that end closes, the launcher is gone, however it died, and the process must not outlive it.
import { isMainThread } from 'node:worker_threads';

const GRACE_MS = 5_000;

if (isMainThread) {
  process.stdin.on('error', () => undefined);
  process.stdin.once('close', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.exit(1), GRACE_MS);
  });
  process.stdin.resume();
  process.stdin.unref();
}
