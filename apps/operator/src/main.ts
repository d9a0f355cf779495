import { ConsoleLogger } from '@nestjs/common';
import { ConfigurationError, OperatorConfiguration, readConfiguration } from '#libs/configuration';
import { createOperatorApp } from './operator-app.js';

async function main(): Promise<void> {
  const configuration = readConfiguration(OperatorConfiguration, process.env);
  const app = await createOperatorApp(configuration);
  app.enableShutdownHooks();
  await app.listen(configuration.PLI_PORT, configuration.PLI_HOST);
  new ConsoleLogger('Operator', { json: true }).log(`Listening on ${configuration.PLI_HOST}:${configuration.PLI_PORT}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exit(1);
});
