/** What the pages offer; the API and files may bring any. */
const CIVILITIES = ['', 'M.', 'Mme', 'M. et Mme', 'MM.', 'Mmes', 'Société'];

/** The options of a civility's field; one that is not offered is among them when it is the current one. */
export function civilityChoices(current: string): readonly { value: string; label: string; selected: boolean }[] {
  const offered = CIVILITIES.includes(current) ? CIVILITIES : [...CIVILITIES, current];
  return offered.map((value) => ({ value, label: value || 'Sans', selected: value === current }));
}
