import { createHash } from 'node:crypto';
import { PrintFailed } from './print-errors.js';

/** The information dictionary as Chromium's PDF writer (Skia) begins every file with it. */
const INFORMATION = /^%PDF-1\.\d\n(?:%[^\n]*\n)?1 0 obj\n<<[\s\S]*?>>\nendobj\n/;
const TRAILER = /trailer\n<<(?=[^>]*>>\nstartxref\n\d+\n%%EOF\s*$)/;
const DATE_LENGTH = "D:20260314093000+00'00'".length;

/**
 * Takes the accidents of a printing out of a PDF that Chromium made, so that the same document gives the same bytes: the clock,
 * the producer's version, and the numbers that elements bore in the browser. Every replacement is as long as what it replaces, so
 * that no offset moves; the file identifier (ISO 32000-1, 14.4), a digest of the rest, goes into the trailer, behind them all.
 * @param createdAt ISO 8601 instant that the file bears as its date; without one it bears none
 * @throws PrintFailed (UNEXPECTED_OUTPUT) when the file is not built as Skia builds it
 */
export function reproducible(pdf: Uint8Array, createdAt?: string): Buffer {
  // Latin-1 maps each byte to one character and back.
  const file = withoutElementNumbers(Buffer.from(pdf).toString('latin1'));
  const [information] = INFORMATION.exec(file) ?? [];
  const trailer = TRAILER.exec(file.slice(-4096));
  if (!information || !trailer) throw new PrintFailed('UNEXPECTED_OUTPUT');
  const rest = file.slice(information.length);
  const body = settledInformation(information, createdAt) + rest;
  const id = createHash('sha256').update(body, 'latin1').digest('hex').slice(0, 32);
  const cut = body.length - Math.min(4096, file.length) + trailer.index + trailer[0].length;
  return Buffer.from(`${body.slice(0, cut)}/ID [<${id}> <${id}>]\n${body.slice(cut)}`, 'latin1');
}

function settledInformation(information: string, createdAt: string | undefined): string {
  const date = createdAt && `D:${createdAt.slice(0, 19).replaceAll(/[-:T]/g, '')}+00'00'`;
  const settled = information
    .replace(/\/(Creator|Producer) \([^()]*\)/g, (entry, name: string) => `/${name} (Pli)`.padEnd(entry.length))
    .replace(/\/(CreationDate|ModDate) \(D:[^()]*\)/g, (entry, name: string) =>
      (date ? `/${name} (${date})` : '').padEnd(entry.length),
    );
  const dates = information.match(/\(D:[^()]*\)/g) ?? [];
  // A producer with another way of writing its information would slip the clock through.
  if (
    settled.length !== information.length ||
    dates.length !== 2 ||
    dates.some((found) => found.length !== DATE_LENGTH + 2)
  ) {
    throw new PrintFailed('UNEXPECTED_OUTPUT');
  }
  return settled;
}

const IDENTIFIERS = /\/Names \[((?:\(node\d{8}\) \d+ 0 R ?)+)\]/g;

/**
 * The structure tree names elements `node00000017` by a count of the browser's that goes on from one document to the next; here they
 * are counted in the order in which they come. Their name tree wants them in the order of their names.
 */
function withoutElementNumbers(file: string): string {
  const names = [/(?<=\/ID )\(node\d{8}\)/g, /\(node\d{8}\)/g].flatMap((kind) => file.match(kind) ?? []);
  const settled = new Map(
    [...new Set(names)].map((name, index) => [name, `(node${String(index + 1).padStart(8, '0')})`]),
  );
  return file
    .replaceAll(/\(node\d{8}\)/g, (name) => settled.get(name) ?? name)
    .replaceAll(IDENTIFIERS, (_tree, entries: string) => {
      const sorted = entries.match(/\(node\d{8}\) \d+ 0 R/g)?.sort() ?? [];
      return `/Names [${sorted.join(' ')}]`;
    });
}
