import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RowReader } from '../../../src/delivery/database/row-reader.ts';
import type { ColumnType } from '../../../src/delivery/database/table.ts';
import { column, record, table } from './world.ts';

function read(type: ColumnType, json: string, refusesNull = false): unknown {
  const reader = new RowReader(table(column('c', type)), { refusesNull });
  return reader.read(record(`{"c":${json}}`, 1)).at(-1);
}

const whole = (type: ColumnType, text: string) =>
  new RowReader(table(column('c', type, { path: '$' })), { refusesNull: false }).read(record(text, 1)).at(-1);

const taken: [type: ColumnType, json: string, value: unknown][] = [
  ['text', '"häß€😀"', 'häß€😀'],
  ['text', '12345678901234567890.50', '12345678901234567890.50'],
  ['text', '{"a":[1,true]}', '{"a":[1,true]}'],
  ['integer', '-2147483648', -2147483648],
  ['bigint', '9223372036854775807', 9223372036854775807n],
  ['bigint', '-9223372036854775808', -9223372036854775808n],
  ['double', '0.1', 0.1],
  ['numeric', '1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789'],
  ['boolean', 'false', false],
  ['timestamp', '"2026-11-29T03:02:03.4567+02:00"', '2026-11-29T01:02:03.456700Z'],
  ['timestamp', '"1969-12-31T23:59:59.999999Z"', '1969-12-31T23:59:59.999999Z'],
  ['timestamp', '1795914123456', '2026-11-29T01:02:03.456Z'],
  ['date', '"2024-02-29"', '2024-02-29'],
  ['uuid', '"6F1F6E1C-8a3e-4d9b-9a45-0a6c1f0b3c11"', '6f1f6e1c-8a3e-4d9b-9a45-0a6c1f0b3c11'],
  ['json', '{"n":12345678901234567890,"__proto__":1}', '{"n":12345678901234567890,"__proto__":1}'],
  ['bytes', '"AQID"', Buffer.from([1, 2, 3])],
  ['text', 'null', null],
  ['json', 'null', null],
];

const refused: [type: ColumnType, json: string, code?: string][] = [
  ['text', String.raw`"\ud800"`],
  ['integer', '2147483648'],
  ['integer', '1.5'],
  ['bigint', '9223372036854775808'],
  ['bigint', '"1"'],
  ['double', '1e999'],
  ['double', '"1"'],
  ['numeric', '"1"'],
  ['boolean', '1'],
  ['timestamp', '"2026-11-29T01:02:03"'],
  ['timestamp', '9999999999999999'],
  ['date', '"2023-02-29"'],
  ['uuid', '"6f1f6e1c"'],
  ['bytes', '"a"'],
  ['bytes', '[1]'],
];

describe('a row of a record', () => {
  for (const [type, json, value] of taken) {
    it(`has ${json} as ${type}`, () => assert.deepEqual(read(type, json), value));
  }
  for (const [type, json] of refused) {
    it(`is refused with ${json} as ${type}`, () => {
      assert.throws(() => read(type, json), { code: 'Database.TypeMismatch' });
    });
  }

  it('contains the position of the record', () => {
    const reader = new RowReader(table(column('data', 'bytes', { path: '$' })), { refusesNull: true });
    assert.deepEqual(reader.read(record('\0x', 7, 2)), [
      'shardId-000000000000',
      '10000000000000000007',
      2,
      '2026-11-29T01:02:03.007Z',
      Buffer.from('\0x'),
    ]);
  });

  it('takes the whole record as text, or as JSON exactly as it was written', () => {
    assert.equal(whole('text', 'no json'), 'no json');
    assert.equal(whole('json', '{ "a": 1.0 }'), '{ "a": 1.0 }');
    assert.equal(whole('json', 'null'), 'null');
    assert.throws(() => whole('json', 'no json'), { code: 'Database.InvalidJson' });
    assert.throws(() => whole('json', ''), { code: 'Database.InvalidJson' });
  });

  it('is refused if the record is not UTF-8 or lacks a required value', () => {
    const reader = new RowReader(table(column('c', 'text', { required: true })), { refusesNull: false });
    assert.throws(() => reader.read(record(Buffer.from([0x22, 0xff, 0x22]), 1)), {
      code: 'Database.InvalidText',
    });
    for (const text of ['{}', '{"c":null}', '[]', '1', 'null']) {
      assert.throws(() => reader.read(record(text, 1)), { code: 'Database.MissingValue' }, text);
    }
  });

  it('is refused with null characters if the database does not support them', () => {
    const escaped = String.raw`"a\u0000b"`;
    const backslash = String.raw`"a\\u0000b"`;
    for (const type of ['text', 'json'] as const) {
      assert.throws(() => read(type, escaped, true), { code: 'Database.InvalidText' }, type);
      assert.ok(typeof read(type, escaped) === 'string');
      assert.ok(typeof read(type, backslash, true) === 'string');
    }
  });

  it('is refused if its JSON is nested too deeply', () => {
    const depth = 200_000;
    const nested = `${'['.repeat(depth)}1234567890123456789${']'.repeat(depth)}`;
    assert.throws(() => read('text', nested), { code: 'Database.InvalidJson' });
    const short = `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assert.throws(() => read('json', short), { code: 'Database.InvalidJson' });
  });
});
