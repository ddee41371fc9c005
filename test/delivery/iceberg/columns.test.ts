import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RowConverter } from '../../../src/delivery/iceberg/columns.ts';
import { RecordRefusal } from '../../../src/delivery/iceberg/errors.ts';
import { newColumns } from '../../../src/delivery/iceberg/infer-columns.ts';
import { readSchema } from '../../../src/delivery/iceberg/schema.ts';

function converter(type: unknown, required = false): RowConverter {
  return new RowConverter(readSchema({ fields: [{ id: 1, name: 'c', type, required }] }));
}

const rowOf = (rows: RowConverter, json: string) => rows.row(Buffer.from(json));

/** The value of the column, or the code of the refusal. */
function converted(type: unknown, json: string, required = false): unknown {
  try {
    return rowOf(converter(type, required), json)[0];
  } catch (error) {
    if (error instanceof RecordRefusal) return error.code;
    throw error;
  }
}

const mismatch = 'Iceberg.TypeMismatch';

/** https://iceberg.apache.org/spec/#json-single-value-serialization; integers of timestamps are AWS's microseconds. */
const cases: [type: string, json: string, value: unknown][] = [
  ['boolean', 'true', true],
  ['boolean', '1', mismatch],
  ['boolean', '"true"', mismatch],
  ['int', '2147483647', 2_147_483_647],
  ['int', '2147483648', mismatch],
  ['int', '1.0', 1],
  ['int', '1e3', 1000],
  ['int', '1.5', mismatch],
  ['int', '"1"', mismatch],
  ['long', '9223372036854775807', 9_223_372_036_854_775_807n],
  ['long', '-9223372036854775808', -9_223_372_036_854_775_808n],
  ['long', '9223372036854775808', mismatch],
  ['long', '9007199254740993', 9_007_199_254_740_993n],
  ['long', '9007199254740993.0', 9_007_199_254_740_993n],
  ['long', '1e18', 1_000_000_000_000_000_000n],
  ['long', '1e999999999', mismatch],
  ['long', '-0', 0n],
  ['float', '0.1', Math.fround(0.1)],
  ['float', '1e39', mismatch],
  ['double', '0.1', 0.1],
  ['double', '1e309', mismatch],
  ['double', '"NaN"', mismatch],
  ['decimal(5,2)', '123.45', 12_345n],
  ['decimal(5,2)', '123.450', 12_345n],
  ['decimal(5,2)', '-0.01', -1n],
  ['decimal(5,2)', '1e2', 10_000n],
  ['decimal(5,2)', '"12.5"', 1250n],
  ['decimal(5,2)', '123.456', mismatch],
  ['decimal(5,2)', '1000', mismatch],
  ['decimal(5,2)', '"1,5"', mismatch],
  ['decimal(38,0)', '99999999999999999999999999999999999999', 10n ** 38n - 1n],
  ['decimal(38,18)', '0.1234567890123456789', mismatch],
  ['date', '"2024-02-29"', 19_782],
  ['date', '"1969-12-31"', -1],
  ['date', '"2023-02-29"', mismatch],
  ['date', '"0001-01-01"', -719_162],
  ['date', '19782', mismatch],
  ['time', '"00:00:01.000001"', 1_000_001n],
  ['time', '"24:00:00"', mismatch],
  ['timestamp', '"2024-01-31T00:00:00.5"', 1_706_659_200_500_000n],
  ['timestamp', '"2024-01-31 00:00"', 1_706_659_200_000_000n],
  ['timestamp', '"2024-01-31T00:00:00Z"', 1_706_659_200_000_000n],
  ['timestamp', '"2024-01-31T00:00:00+01:00"', mismatch],
  ['timestamp', '1706659200000000', 1_706_659_200_000_000n],
  ['timestamptz', '"2024-01-31T01:00:00+01:00"', 1_706_659_200_000_000n],
  ['timestamptz', '"2024-01-31T00:00:00"', mismatch],
  ['timestamptz', '"2024-01-31T00:00:00.0000001Z"', mismatch],
  ['timestamptz', '"2024-01-31T00:00:00.1000000Z"', 1_706_659_200_100_000n],
  ['string', '"ü"', 'ü'],
  ['string', '1', mismatch],
  ['string', '{}', mismatch],
  ['string', String.raw`"\ud800"`, mismatch],
  ['uuid', '"6F1F6E1C-8A3E-4D9B-9A45-0A6C1F0B3C11"', Buffer.from('6f1f6e1c8a3e4d9b9a450a6c1f0b3c11', 'hex')],
  ['uuid', '"6f1f6e1c"', mismatch],
  ['fixed[2]', '"AQI="', Buffer.from([1, 2])],
  ['fixed[2]', '"AQ=="', mismatch],
  ['binary', '"AQ=="', Buffer.from([1])],
  ['binary', '"not base64"', mismatch],
];

describe('JSON values in columns, exactly or refused', () => {
  for (const [type, json, value] of cases) {
    test(`${type}: ${json}`, () => assert.deepEqual(converted(type, `{"c":${json}}`), value));
  }
});

test('null and absence are equivalent, and refused where a value is required', () => {
  assert.equal(converted('int', '{"c":null}'), null);
  assert.equal(converted('int', '{}'), null);
  assert.equal(converted('int', '{"c":null}', true), 'Iceberg.MissingColumnWithinRecord');
  assert.equal(converted('int', '{}', true), 'Iceberg.MissingColumnWithinRecord');
});

test('keys match columns case-insensitively, and two for one column are refused', () => {
  assert.equal(converted('int', '{"C":1}'), 1);
  assert.equal(converted('int', '{"C":1,"c":2}'), 'Iceberg.AmbiguousColumn');
});

test('a record is one JSON object in UTF-8', () => {
  for (const text of ['', '[]', '1', 'null', '{"c":1}{"c":2}', '{"c":1', '{"c":01}']) {
    assert.equal(converted('int', text), 'Iceberg.InvalidJson', text);
  }
  assert.equal(converted('int', ' {"c":1}\n'), 1);
  assert.throws(() => converter('int').row(Buffer.from([0x7b, 0xff, 0x7d])), { code: 'Iceberg.InvalidJson' });
});

test('a record nested too deeply is refused, with and without exact numbers', () => {
  const nested = `{"c":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  assert.equal(converted('int', nested), mismatch);
  assert.equal(converted('decimal(5,2)', nested), 'Iceberg.InvalidJson');
});

const inferred = async (...texts: string[]) => {
  const schema = readSchema({ fields: [{ id: 1, name: 'id', type: 'long', required: true }] });
  const records = texts.map((text) => ({ data: Buffer.from(text) }));
  return await newColumns(schema, 7, records);
};
const types = async (...texts: string[]) =>
  (await inferred(...texts)).map(({ name, type }) => `${name} ${type.kind}`);

describe('new columns', () => {
  test('have the type of their first value, and long becomes double', async () => {
    assert.deepEqual(await types('{"a":true,"b":1,"c":1.5,"d":"2024-01-31","e":9223372036854775808}'), [
      'a boolean',
      'b long',
      'c double',
      'd string',
      'e double',
    ]);
    assert.deepEqual(await types('{"a":1}', '{"a":0.5}', '{"a":"x"}'), ['a double']);
    assert.deepEqual(await types('{"a":"x"}', '{"a":1}'), ['a string']);
  });

  test('are added when there is a value: not for null, an empty list or object, or refused records', async () => {
    assert.deepEqual(
      await types('{"a":null,"b":[],"c":{},"d":[null],"e":[{"x":[]}],"":1}', 'x', '{"f":1}{}'),
      [],
    );
  });

  test('have ids after all others, their parts after them', async () => {
    const columns = await inferred('{"id":1,"z":null,"a":{"x":1,"y":null,"l":[{"k":"v"}]},"b":true}');
    assert.deepEqual(columns, [
      {
        id: 8,
        name: 'a',
        required: false,
        type: {
          kind: 'struct',
          fields: [
            { id: 10, name: 'x', required: false, type: { kind: 'long' } },
            {
              id: 11,
              name: 'l',
              required: false,
              type: {
                kind: 'list',
                element: {
                  id: 12,
                  name: 'element',
                  required: false,
                  type: {
                    kind: 'struct',
                    fields: [{ id: 13, name: 'k', required: false, type: { kind: 'string' } }],
                  },
                },
              },
            },
          ],
        },
      },
      { id: 9, name: 'b', required: false, type: { kind: 'boolean' } },
    ]);
  });

  test('are the same for keys that differ only in case', async () => {
    assert.deepEqual(await types('{"Name":1}', '{"name":2,"ID":3}'), ['Name long']);
  });
});
