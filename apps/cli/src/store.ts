import type { Command } from 'commander';
import type { Print } from './operator.js';
import { copyStore } from './store-copy.js';

/** Commands about event stores as a whole; they need neither MongoDB nor a key. */
export function storeCommands(pli: Command, print: Print): void {
  const store = pli.command('store').description('event stores as a whole');
  store
    .command('copy')
    .description('copy every stream of one store to another, in order, and verify it; run again to go on')
    .requiredOption('--from <connection string>', 'such as esdb://127.0.0.1:2113?tls=false')
    .requiredOption('--to <connection string>', 'an empty store, or one that a copy was begun to')
    .action(({ from, to }: { from: string; to: string }) => copyStore(from, to, print));
}
