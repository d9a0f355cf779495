import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Type } from 'class-transformer';
import { IsDefined, IsEmail, ValidateNested } from 'class-validator';
import type { NextFunction, Request, Response } from 'express';
import { dates, EdgeFailure, InvalidInput, Pages, readInput, sameOriginOnly } from './index.js';

class Person {
  @IsEmail({}, { message: 'L’adresse e-mail n’est pas valide.' })
  email: string;
}
class Letter {
  @IsDefined({ message: 'Indiquez le destinataire.' })
  @ValidateNested()
  @Type(() => Person)
  recipient: Person;
}

describe('input', () => {
  const faultsOf = (value: unknown) => {
    try {
      readInput(Letter, value);
      return [];
    } catch (error) {
      return error instanceof InvalidInput ? error.faults : [{ field: '?', message: String(error) }];
    }
  };

  test('a right value becomes an instance of its class', () => {
    expect(readInput(Letter, { recipient: { email: 'a@b.fr' } }).recipient).toBeInstanceOf(Person);
  });

  test.each([
    ['a wrong value is named by its path', { recipient: { email: 'x' } }, 'recipient.email'],
    ['an unknown field is refused', { recipient: { email: 'a@b.fr' }, extra: 1 }, 'extra'],
    ['an unknown field of a part is refused', { recipient: { email: 'a@b.fr', role: 'x' } }, 'recipient.role'],
    ['a missing part is named', {}, 'recipient'],
    ['a list is no object', [], ''],
    ['nothing is no object', null, ''],
  ])('%s', (_, value, field) => {
    expect(faultsOf(value)).toEqual([{ field, message: expect.stringMatching(/\.$/) }]);
  });
});

describe('pages', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pages-'));
    writeFileSync(join(folder, 'hello.hbs'), '<h1>{{name}}</h1>');
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const pages = (qualification?: string) => new Pages(pathToFileURL(`${folder}/`), { name: 'Agence', qualification });

  test('a page stands in the layout and escapes what it is given', () => {
    const html = pages().render('hello', { title: 'Bonjour', name: '<b>Ana</b>' });
    expect(html).toContain('<html lang="fr">');
    expect(html).toContain('&lt;b&gt;Ana&lt;/b&gt;');
  });

  test('a service that is not qualified says so on every page (L.101 CPCE)', () => {
    expect(pages().render('hello', { title: 'x' })).toContain('Service non qualifié');
    expect(pages('Liste FR, entrée 12').render('hello', { title: 'x' })).not.toContain('non qualifié');
  });

  test('a page that does not exist is named', () => {
    expect(() => pages().render('absent', { title: 'x' })).toThrow('absent.hbs');
  });

  test('the last day of a window is the day before its exclusive end', () => {
    expect(dates.lastDay('2018-04-04T22:00:00.000Z')).toBe('mercredi 4 avril 2018');
  });
});

describe('same origin', () => {
  const passes = (method: string, headers: Record<string, string>): boolean => {
    let failure: unknown = 'not called';
    const next: NextFunction = (error?: unknown) => (failure = error);
    const request = { method, get: (name: string) => headers[name] } as unknown as Request;
    sameOriginOnly('http://127.0.0.1:7400')(request, {} as Response, next);
    if (failure !== undefined && !(failure instanceof EdgeFailure)) throw failure;
    return failure === undefined;
  };

  test.each([
    ['GET', { 'sec-fetch-site': 'cross-site' }, true],
    ['POST', { 'sec-fetch-site': 'same-origin' }, true],
    ['POST', { 'sec-fetch-site': 'cross-site' }, false],
    ['POST', { 'sec-fetch-site': 'same-site' }, false],
    ['POST', { origin: 'http://127.0.0.1:7400' }, true],
    ['POST', { origin: 'https://evil.example' }, false],
    ['DELETE', { origin: 'null' }, false],
    ['POST', {}, true],
  ])('%s with %j: %s', (method, headers, expected) => {
    expect(passes(method, headers)).toBe(expected);
  });
});
