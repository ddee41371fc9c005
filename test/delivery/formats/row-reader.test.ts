import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseColumns } from '../../../src/delivery/formats/hive-type.ts';
import { ConversionError } from '../../../src/delivery/formats/malformed.ts';
import { RowReader } from '../../../src/delivery/formats/row-reader.ts';
import { serDeRules } from '../../../src/delivery/formats/serde.ts';
import { hive, openX } from './conversions.ts';

const types = ['bigint', 'int', 'tinyint', 'double', 'float', 'decimal(20,4)', 'string', 'varchar(3)']
  .concat(['boolean', 'timestamp', 'date', 'array<string>', 'map<string,bigint>'])
  .concat(['struct<a:int,b:array<decimal(10,2)>>']);

const columns = types.map((type, index) => ({ name: `c${index}`, type }));

/** Numbers of all sizes, as they may be written; with at most 15 digits behind the point, which a double keeps. */
const number = fc.oneof(
  fc.integer().map(String),
  fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }).map(String),
  fc.tuple(fc.integer(), fc.nat({ max: 999_999 })).map(([whole, fraction]) => `${whole}.${fraction}`),
  fc
    .tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -30, max: 310 }))
    .map(([n, e]) => `${n}e${e}`),
  fc.constantFrom(
    '-0',
    '0.0',
    '1.0',
    '1E3',
    '9007199254740993',
    '12345678901234567.125',
    '0.1000000000000000055',
  ),
);

const text = fc
  .oneof(
    fc.string(),
    number,
    fc.constantFrom(
      '2026-11-29 01:02:03',
      '2026-11-29T01:02:03.5Z',
      '2026-2-30',
      'true',
      '1518033528',
      'é😀\n"\\',
    ),
  )
  .map((value) => JSON.stringify(value));

const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(number, text, fc.constantFrom('true', 'false', 'null')),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => `[${values.join(', ')}]`),
    object(tie('value')),
  ),
})).value;

function object(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const key = fc.constantFrom('a', 'A', 'b', 'B.c', '__proto__', '', '7', 'constructor');
  return fc
    .array(fc.tuple(key, value), { maxLength: 4 })
    .map((members) => `{${members.map(([name, member]) => `${JSON.stringify(name)}: ${member}`).join(',')}}`);
}

/** The row of the record's first document, or why the record is refused. */
function firstRow(reader: RowReader, record: string): unknown[] | string {
  const read = columns.map((): unknown[] => []);
  try {
    reader.read(Buffer.from(record), read);
  } catch (error) {
    if (error instanceof ConversionError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return read.map(([first]) => first);
}

for (const serDe of [openX, hive, { ...openX, caseInsensitive: false, convertsDots: true }]) {
  test(`a record is read alike by JSON.parse and by the parser that keeps numbers: ${JSON.stringify(serDe)}`, () => {
    const reader = new RowReader(parseColumns(columns), serDeRules(serDe));
    const record = fc
      .array(fc.tuple(fc.nat({ max: columns.length }), fc.oneof(number, text, json)), { maxLength: 3 })
      .map((members) => `{${members.map(([index, value]) => `"c${index}": ${value}`).join(',')}}`);
    let taken = 0;
    fc.assert(
      fc.property(record, (one) => {
        const row = firstRow(reader, one);
        if (typeof row !== 'string') taken++;
        // A second document is what JSON.parse does not take.
        assert.deepEqual(row, firstRow(reader, `${one}{}`));
      }),
      { numRuns: 20_000, seed: 20261129 },
    );
    assert(taken > 4000, `${taken}`);
  });
}

test('invalid JSON is refused, and valid JSON is not', () => {
  const reader = new RowReader(parseColumns(columns), serDeRules(openX));
  const broken = fc.tuple(
    json,
    fc.nat(),
    fc.constantFrom('', '"', '\\', '{', ']', ',', '\u0001', '1', 'e', ' '),
  );
  fc.assert(
    fc.property(broken, ([value, at, sign]) => {
      const whole = `{"c6": ${value}}`;
      const cut = at % whole.length;
      const damaged = whole.slice(0, cut) + sign + whole.slice(cut + 1);
      const isJson = (() => {
        try {
          JSON.parse(damaged);
          return true;
        } catch {
          return false;
        }
      })();
      const row = firstRow(reader, damaged);
      if (typeof row === 'string' && row.startsWith('DataFormatConversion.ParseError'))
        assert.equal(isJson, false);
    }),
    { numRuns: 3000, seed: 20261129 },
  );
});
