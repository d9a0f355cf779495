import { readFileSync } from 'node:fs';
import { ConfigurationError, type WorkerConfiguration } from '#libs/configuration';
import { EvidenceRejected, SealingOffice } from '#libs/evidence';

/** Opens the seal and the anchors that the configuration names. @throws ConfigurationError naming the variable */
export function openSealingOffice(configuration: WorkerConfiguration): SealingOffice {
  const { PLI_SEAL, PLI_TRUST_ANCHORS, PLI_REVOCATION_LISTS, TSA_URL, TSA_POLICY } = configuration;
  const seal = textOf('PLI_SEAL', PLI_SEAL);
  const anchors = textOf('PLI_TRUST_ANCHORS', PLI_TRUST_ANCHORS);
  try {
    return new SealingOffice({
      ...{ seal, anchors },
      revocationLists: PLI_REVOCATION_LISTS.split(','),
      timestamps: { urls: TSA_URL.split(','), policy: TSA_POLICY },
      // Certificates and timestamps live by the real time, whatever the clock of the letters says.
      now: () => new Date(),
    });
  } catch (error) {
    if (!(error instanceof EvidenceRejected)) throw error;
    throw new ConfigurationError(`Configuration: PLI_SEAL or PLI_TRUST_ANCHORS: ${error.message}`);
  }
}

function textOf(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new ConfigurationError(`Configuration: ${name} must name a file that can be read.`);
  }
}
