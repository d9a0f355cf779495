import { InvalidInput, readInput, type FieldFault } from '#libs/web';

/** The filters of a list: by the names that its page's address gives them, what they are called in the question. */
type Names = Readonly<Record<string, string>>;

/** What an address asks for. */
export type FiltersOf<Filters extends Names> = Partial<Record<keyof Filters, string>>;

/** What an address or a form holds of the filters; an empty field of the form asks for nothing. */
export function readFilters<Filters extends Names>(
  names: Filters,
  address: Record<string, unknown>,
): FiltersOf<Filters> {
  const read = Object.keys(names).flatMap((name) => {
    const value = address[name];
    return typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()] as const] : [];
  });
  return Object.fromEntries(read) as FiltersOf<Filters>;
}

/** The same as the fields of the question. */
export const questionOf = <Filters extends Names>(names: Filters, filters: FiltersOf<Filters>) =>
  Object.fromEntries(Object.entries(filters).map(([name, value]) => [names[name] ?? name, value]));

/** The address at which a page shows that. */
export function filteredAddress(path: string, filters: Partial<Record<string, string>>): string {
  const given = Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  const text = new URLSearchParams(given).toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Reads an input as `readInput` does; what is wrong with it is answered, not thrown. */
export function readOrFaults<T extends object>(type: new () => T, value: object): T | readonly FieldFault[] {
  try {
    return readInput(type, value);
  } catch (error) {
    if (error instanceof InvalidInput) return error.faults;
    throw error;
  }
}

/** The options of a select element. */
export const choices = (all: readonly { value: string; label: string }[], chosen: string | undefined) =>
  all.map((choice) => ({ ...choice, selected: choice.value === chosen }));
