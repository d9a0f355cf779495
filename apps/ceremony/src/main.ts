import { ConsoleLogger } from '@nestjs/common';
import { ConfigurationError, readConfiguration, WebConfiguration } from '#libs/configuration';
import { createCeremonyApp } from './ceremony-app.js';

async function main(): Promise<void> {
  const configuration = readConfiguration(WebConfiguration, process.env);
  const app = await createCeremonyApp(configuration);
  await app.listen(configuration.PLI_PORT, configuration.PLI_HOST);
  new ConsoleLogger('Ceremony', { json: true }).log(`Listening on ${configuration.PLI_HOST}:${configuration.PLI_PORT}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigurationError ? error.message : error);
  process.exit(1);
});
