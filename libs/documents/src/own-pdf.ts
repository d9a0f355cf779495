/** Pages of the files that were printed by this process, for as long as somebody has them. */
const pages = new WeakMap<Uint8Array, number>();

/** Notes of a file that it was made here: it need not be examined as one from outside is. Whoever has it leaves its bytes alone. */
export function ofOurOwn(file: Buffer, pageCount: number): Buffer {
  pages.set(file, pageCount);
  return file;
}

/** The number of pages of a file that was made here; undefined for any other, a copy included. */
export const pagesOfOurOwn = (file: Uint8Array): number | undefined => pages.get(file);
