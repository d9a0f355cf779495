import { Injectable } from '@nestjs/common';
import { fullName, mayReceive } from '#libs/directory';
import { EdgeFailure, type FieldFault } from '#libs/web';
import { ThirdParties } from '#projections/third-parties';
import type { Asker } from '../access/asker.js';
import { sentenceOfRefusal } from '../failures.js';
import type { FormTexts } from '../letters/letter-form.js';
import { Directory } from './directory.js';

/** Third parties that a field offers by itself; others are found by their code or name all the same. */
const OFFERED = 200;

/** What a third party fills into the form of a letter, and what is wrong with it by field of that form. */
interface Filled {
  readonly texts: FormTexts;
  readonly faults: readonly FieldFault[];
}

/** The directory as the form of a new letter uses it. */
@Injectable()
export class Recipients {
  constructor(
    private readonly parties: ThirdParties,
    private readonly directory: Directory,
  ) {}

  /** Those who may receive letters, first by name. */
  async offered({ agency }: Asker): Promise<readonly { readonly code: string; readonly label: string }[]> {
    const { rows } = await this.parties.list({ agencyId: agency.id, mayReceive: true, limit: OFFERED });
    return rows.flatMap(({ code, details }) => (details ? [{ code, label: fullName(details) }] : []));
  }

  /** @param text a code, or words that lead to one third party only; nothing for an empty form. */
  async fill(asker: Asker, text: string): Promise<Filled> {
    if (text.trim() === '') return { texts: {}, faults: [] };
    const code = await this.codeOf(asker, text);
    if (code === undefined) return { texts: {}, faults: [{ field: 'tiers', message: NOT_FOUND }] };
    const { state } = await this.directory.find(asker, code);
    const { kind, professional, details } = state;
    const standing = { partyCode: state.code, partyKind: kind, ...(professional ? { professional: 'yes' } : {}) };
    const faults = mayReceive(state)
      ? []
      : [{ field: 'partyCode', message: sentenceOfRefusal('CONSENT_MISSING') ?? '' }];
    if (details === 'erased') return { texts: standing, faults };
    const { civility, email, mobile } = details;
    const name = fullName(details);
    return {
      texts: { ...standing, ...(civility ? { civility } : {}), name, email, ...(mobile ? { mobile } : {}) },
      faults,
    };
  }

  private async codeOf(asker: Asker, text: string): Promise<string | undefined> {
    try {
      return (await this.directory.find(asker, text)).state.code;
    } catch (error) {
      if (!(error instanceof EdgeFailure)) throw error;
      const { rows } = await this.parties.list({ agencyId: asker.agency.id, search: text, limit: 2 });
      return rows.length === 1 ? rows[0]?.code : undefined;
    }
  }
}

const NOT_FOUND = 'Aucun tiers, ou plusieurs, ne répondent à cette recherche : indiquez le code exact.';
