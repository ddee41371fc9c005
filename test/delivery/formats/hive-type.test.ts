import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseColumns } from '../../../src/delivery/formats/hive-type.ts';

const typeOf = (type: string) => parseColumns([{ name: 'x', type }])[0]?.type;

test("types are parsed in Hive's syntax, nested and with spaces", () => {
  assert.deepEqual(typeOf('INT'), { kind: 'integer', bits: 32 });
  assert.deepEqual(typeOf('decimal'), { kind: 'decimal', precision: 10, scale: 0 });
  assert.deepEqual(typeOf(' decimal( 10, 2 ) '), { kind: 'decimal', precision: 10, scale: 2 });
  assert.deepEqual(typeOf('varchar(255)'), { kind: 'text', charactersMax: 255 });
  assert.deepEqual(typeOf('double precision'), { kind: 'double' });
  assert.deepEqual(typeOf('array<map<string, struct<`a``b`:int, timestamp:timestamp>>>'), {
    kind: 'array',
    element: {
      kind: 'map',
      key: { kind: 'text' },
      value: {
        kind: 'struct',
        fields: [
          { name: 'a`b', type: { kind: 'integer', bits: 32 } },
          { name: 'timestamp', type: { kind: 'timestamp' } },
        ],
      },
    },
  });
});

test('columns that cannot be written as Parquet are refused with their type', () => {
  const types = [
    'uniontype<int,string>',
    'array<string',
    'array<string>garbage',
    'struct<a:>',
    'struct<:string>',
    'struct<a:int,A:string>',
    'map<string>',
    'map<struct<a:string>,int>',
    'varchar(6 5535)',
    'varchar(65536)',
    'char(256)',
    'char(0)',
    'decimal(39,0)',
    'decimal(1,2)',
    'interval',
    'constructor',
    '',
    `${'array<'.repeat(40)}string${'>'.repeat(40)}`,
  ];
  for (const type of types) {
    assert.throws(() => typeOf(type), { name: 'DeliveryConfigurationError' }, type);
  }
  assert.throws(() => parseColumns([]), /no columns/);
  assert.throws(
    () =>
      parseColumns([
        { name: 'a', type: 'int' },
        { name: 'A', type: 'int' },
      ]),
    /defined twice/,
  );
});
