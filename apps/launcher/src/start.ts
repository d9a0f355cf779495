import { startInstance } from './instance.js';
import { firstPortOf } from './ports.js';

export async function start(): Promise<number> {
  const instance = await startInstance({
    dataFolder: process.env['PLI_DATA'] || '.data',
    firstPort: firstPortOf(process.env['PLI_PORT']),
  });
  await instance.stop();
  return 0;
}
