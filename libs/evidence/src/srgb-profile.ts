/**
 * An ICC profile (ICC.1:2001-04, version 2) of the sRGB colour space (IEC 61966-2-1), for the output intent that PDF/A asks of a document with
 * colours (ISO 19005-3, 6.2.4.3). The curve is the gamma of 2.2 that comes nearest: it says what the colours mean, nobody measures by it.
 */
export function srgbProfile(): Buffer {
  const tags: readonly (readonly [string, Buffer])[] = [
    ['desc', description('sRGB')],
    ['cprt', Buffer.concat([signature('text'), Buffer.from('No copyright\0', 'ascii')])],
    ['wtpt', xyz(0.9642, 1, 0.8249)],
    // The primaries, adapted to D50 (IEC 61966-2-1, by the Bradford matrix).
    ['rXYZ', xyz(0.43607, 0.22249, 0.01392)],
    ['gXYZ', xyz(0.38515, 0.71687, 0.09708)],
    ['bXYZ', xyz(0.14307, 0.06061, 0.7141)],
    ['rTRC', curve(2.2)],
    ['gTRC', curve(2.2)],
    ['bTRC', curve(2.2)],
  ];
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length);
  let offset = HEADER_BYTES + table.length;
  const data = tags.map(([name, value], index) => {
    table.write(name, 4 + 12 * index, 'ascii');
    table.writeUInt32BE(offset, 8 + 12 * index);
    table.writeUInt32BE(value.length, 12 + 12 * index);
    const padded = Buffer.concat([value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
    offset += padded.length;
    return padded;
  });
  return Buffer.concat([header(offset), table, ...data]);
}

const HEADER_BYTES = 128;

function header(size: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32BE(size, 0);
  bytes.writeUInt32BE(0x0210_0000, 8);
  bytes.write('mntrRGB XYZ ', 12, 'ascii');
  // A date there must be; a fixed one, so that the bytes are the same each time.
  for (const [index, part] of [2000, 1, 1, 0, 0, 0].entries()) bytes.writeUInt16BE(part, 24 + 2 * index);
  bytes.write('acsp', 36, 'ascii');
  writeFixed(bytes, [0.9642, 1, 0.8249], 68);
  return bytes;
}

function signature(name: string): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.write(name, 'ascii');
  return bytes;
}

/** textDescriptionType (6.5.17): the ASCII text, and neither a Unicode nor a Macintosh one. */
function description(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length + 1);
  return Buffer.concat([signature('desc'), length, Buffer.from(`${text}\0`, 'ascii'), Buffer.alloc(78)]);
}

function xyz(...values: readonly [number, number, number]): Buffer {
  const bytes = Buffer.alloc(12);
  writeFixed(bytes, values, 0);
  return Buffer.concat([signature('XYZ '), bytes]);
}

/** One u8Fixed8 number is a gamma (6.5.3). */
function curve(gamma: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUInt32BE(1);
  bytes.writeUInt16BE(Math.round(gamma * 256), 4);
  return Buffer.concat([signature('curv'), bytes]);
}

function writeFixed(bytes: Buffer, values: readonly number[], offset: number): void {
  for (const [index, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), offset + 4 * index);
}
