import { Logger } from '@nestjs/common';
import { ConfigurationError, readConfiguration, WorkerConfiguration } from '#libs/configuration';
import { MessagingMisconfigured } from '#libs/messaging';
import { createWorkerApp } from './worker-app.js';

async function main(): Promise<void> {
  const configuration = readConfiguration(WorkerConfiguration, process.env);
  const app = await createWorkerApp(configuration);
  await app.startAllMicroservices();
  await app.listen(configuration.PLI_PORT, configuration.PLI_HOST);
  new Logger('Worker').log(`Listening on ${configuration.PLI_HOST}:${configuration.PLI_PORT}`);
}

const isMisconfigured = (error: unknown): error is Error =>
  error instanceof ConfigurationError || error instanceof MessagingMisconfigured;

main().catch((error: unknown) => {
  console.error(isMisconfigured(error) ? error.message : error);
  process.exit(1);
});
