import { unzipSync, zipSync } from 'fflate';
import writeExcelFile, { type SheetData } from 'write-excel-file/node';
import { csvLines, csvOf, TableRefused } from './table-file.js';
import { isWorkbook, workbookRows } from './workbook.js';

const day = new Date(Date.UTC(2026, 11, 1));

const workbook = (rows: SheetData): Promise<Buffer> => writeExcelFile(rows).toBuffer();

describe('a workbook', () => {
  it('says what a person would have written', async () => {
    const bytes = await workbook([
      [{ value: 'Ligne' }, { value: 'Montant dû' }, { value: 'Date limite' }, { value: 'Payé' }],
      [
        { value: 40017, type: Number },
        { value: 687.5, type: Number },
        { value: day, type: Date, format: 'dd/mm/yyyy' },
        { value: true, type: Boolean },
      ],
      [{ value: '001' }, { value: 0.1 + 0.2, type: Number }, null, { value: 'a;"b"\nc' }],
    ]);
    expect(isWorkbook(bytes)).toBe(true);
    const rows = await workbookRows(bytes);
    expect(rows).toEqual([
      ['Ligne', 'Montant dû', 'Date limite', 'Payé'],
      ['40017', '687,5', '01/12/2026', 'oui'],
      ['001', '0,3', '', 'a;"b"\nc'],
    ]);
    expect(csvLines(csvOf(rows))).toEqual([
      { line: 1, cells: rows[0] },
      { line: 2, cells: rows[1] },
      { line: 3, cells: ['001', '0,3', '', 'a;"b" c'] },
    ]);
  });

  it.each([
    [
      'what is no workbook',
      () => Buffer.from(zipSync({ 'a.txt': Buffer.from('a') })),
      'n’est pas un classeur Excel lisible',
    ],
    ['half an archive', () => Buffer.from('PK\x03\x04 and no more', 'latin1'), 'n’est pas un classeur Excel lisible'],
    ['the format of before', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'ancien format .xls'],
    ['an archive that unpacks to much', bomb, 'trop volumineux'],
    ['an archive of very many parts', crowd, 'trop volumineux'],
  ] as [string, () => Buffer, string][])('is not read when it is %s', async (_name, make, sentence) => {
    const bytes = make();
    expect(isWorkbook(bytes)).toBe(true);
    const failure = await workbookRows(bytes).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TableRefused);
    expect(String(failure)).toContain(sentence);
  });

  it.each([
    ['a row', '<row r="900000000"/>'],
    ['a cell', '<row r="1"><c r="A900000000"/></row>'],
    ['a column', '<row r="1"><c r="XFD1"/></row>'],
    ['a row behind a sign', '<row spans=">" r="900000000"/>'],
    ['a row in other words', '<row r="&#57;00000000"/>'],
    ['a row that is written oddly', '<row r=900000000/>'],
    ['very many cells', '<c/>'.repeat(400_001)],
  ])('makes no room for %s that is only named', async (_name, rows) => {
    const sheet = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`;
    await expect(workbookRows(await withSheet(sheet))).rejects.toThrow('trop volumineux');
  });
});

/** Thirty megabytes of nothing in a few kilobytes. */
function bomb(): Buffer {
  return Buffer.from(zipSync({ 'xl/worksheets/sheet1.xml': new Uint8Array(30 * 1024 * 1024) }, { level: 1 }));
}

function crowd(): Buffer {
  const parts = Object.fromEntries(Array.from({ length: 501 }, (_, index) => [`${index}.xml`, new Uint8Array(1)]));
  return Buffer.from(zipSync(parts));
}

/** A workbook whose sheet is what a program wrote. */
async function withSheet(sheet: string): Promise<Buffer> {
  const parts = unzipSync(await workbook([[{ value: 'a' }]]));
  const [name = ''] = Object.keys(parts).filter((part) => part.startsWith('xl/worksheets/sheet'));
  return Buffer.from(zipSync({ ...parts, [name]: Buffer.from(sheet) }));
}
