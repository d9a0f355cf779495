import type { Db, Filter, WithId } from 'mongodb';
import type { Position } from '#libs/event-store';
import { builtIn, kinds, type Template, type TemplateKind } from '#libs/templates';
import { ReadModel } from '#projections/engine';
import { templatesProjection } from './projection.js';

export type ListedTemplate = Template & { readonly isDefault: boolean };

/** The templates of one kind: the built-in one first, the others by name. */
export interface KindOfTemplates {
  readonly kind: TemplateKind;
  readonly templates: readonly ListedTemplate[];
}

type StoredTemplate = Omit<Template, 'isBuiltIn'> & { readonly isRemoved: boolean };
type StoredRow = { readonly _id: string; readonly agencyId: string; readonly position: bigint } & (
  StoredTemplate | { readonly kind: TemplateKind; readonly chosen: string }
);

/** Answers an agency's templates, the built-in ones among them. Another agency's do not exist for it. */
export class AgencyTemplates {
  readonly #model: ReadModel<StoredRow>;

  constructor(db: Db) {
    this.#model = new ReadModel(db, templatesProjection);
  }

  /** See `ReadModel.atLeast`. */
  atLeast(position: Position, timeout: number): Promise<boolean> {
    return this.#model.atLeast(position, timeout);
  }

  /** Every kind, in the order in which they are listed. */
  async list(agencyId: string): Promise<readonly KindOfTemplates[]> {
    const collection = await this.#model.collection();
    const rows = (await collection.find({ agencyId } as Filter<WithId<StoredRow>>).toArray()) as StoredRow[];
    return kinds.map((kind) => ({ kind, templates: listed(kind, rows) }));
  }
}

function listed(kind: TemplateKind, rows: readonly StoredRow[]): readonly ListedTemplate[] {
  const original = builtIn(kind);
  const saved = rows.flatMap((row) => (row.kind === kind && 'body' in row && !row.isRemoved ? [templateOf(row)] : []));
  const first = saved.find(({ name }) => name === original.name) ?? original;
  const others = saved.filter(({ name }) => name !== original.name);
  const all = [first, ...others.toSorted((one, other) => one.name.localeCompare(other.name, 'fr'))];
  const chosen = rows.find((row) => row.kind === kind && 'chosen' in row);
  const chosenName = chosen && 'chosen' in chosen ? chosen.chosen : original.name;
  const defaultName = all.some(({ name }) => name === chosenName) ? chosenName : original.name;
  return all.map((template) => ({ ...template, isDefault: template.name === defaultName }));
}

function templateOf({ kind, name, subject, body, savedAt, failure }: StoredTemplate): Template {
  return { kind, name, subject, body, isBuiltIn: name === builtIn(kind).name, savedAt, failure };
}
