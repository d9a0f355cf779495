import { ConsoleLogger } from '@nestjs/common';
import { AgencyConfiguration, ConfigurationError, readConfiguration } from '#libs/configuration';
import { createAgencyApp } from './agency-app.js';

async function main(): Promise<void> {
  const configuration = readConfiguration(AgencyConfiguration, process.env);
  const app = await createAgencyApp(configuration);
  app.enableShutdownHooks();
  await app.listen(configuration.PLI_PORT, configuration.PLI_HOST);
  new ConsoleLogger('Agency', { json: true }).log(`Listening on ${configuration.PLI_HOST}:${configuration.PLI_PORT}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exit(1);
});
