import { ConfigurationError, readConfiguration, WebConfiguration } from '#libs/configuration';
import { createAgencyApp } from './agency-app.js';

try {
  const configuration = readConfiguration(WebConfiguration, process.env);
  const app = await createAgencyApp(configuration);
  app.enableShutdownHooks();
  await app.listen(configuration.PLI_PORT, configuration.PLI_HOST);
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
