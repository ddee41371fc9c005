/** What other programs read of our Parquet files: pyarrow (Arrow's C++ reader) and DuckDB. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hasTools, runTool } from '../../support/tools.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { convert } from './conversions.ts';

const script = fileURLToPath(new URL('read_parquet.py', import.meta.url));

const columns = {
  big: 'bigint',
  tiny: 'tinyint',
  small: 'smallint',
  whole: 'int',
  single: 'float',
  twice: 'double',
  amount: 'decimal(20,3)',
  ok: 'boolean',
  name: 'string',
  code: 'char(3)',
  bytes: 'binary',
  day: 'date',
  at: 'timestamp',
  tags: 'array<string>',
  counts: 'map<string,int>',
  nested: 'struct<a:int,b:array<struct<x:bigint,y:string>>>',
};

const full = `{"big":9007199254740993,"tiny":-1,"small":-2,"whole":3,"single":0.5,"twice":0.1,
"amount":12345678901234567.125,"ok":true,"name":"é😀","code":"abc","bytes":"AAEC","day":"2026-11-29",
"at":"2026-11-29T01:02:03.123456Z","tags":["a",null],"counts":{"k":1,"z":null},
"nested":{"a":1,"b":[{"x":2,"y":"q"},null,{}]}}`;

const ROWS = 20_000;

for (const writerVersion of ['V1', 'V2'] as const) {
  for (const compression of ['UNCOMPRESSED', 'GZIP', 'SNAPPY'] as const) {
    for (const hasDictionaries of [true, false]) {
      const options = { writerVersion, compression, hasDictionaries };
      test(`pyarrow and DuckDB read it all: ${Object.values(options).join(', ')}`, async (t) => {
        if (!hasTools(t, 'python3')) return;
        const records = Array.from({ length: ROWS - 2 }, (_, index) => {
          return `{"big":${index},"name":"name ${index % 100}","tags":["${index % 7}"],"ok":${index % 2 === 0}}`;
        });
        const { body, refused } = convert(columns, [full, '{}', ...records], {
          parquet: { ...options, pageSizeBytes: 65_536, blockSizeBytes: 512 * 1024 },
        });
        assert.deepEqual(refused, []);
        const path = join(await temporaryFolder(), 'file.parquet');
        writeFileSync(path, body);
        const summary = [
          'count(*)',
          'sum(big)',
          'count(ok)',
          'sum(len(tags))',
          'max(amount)',
          'max(name)',
          'max("at")',
        ];
        const read = JSON.parse(await runTool('python3', [script, path, ...summary])) as {
          types: Record<string, string>;
          rows: number;
          first: unknown[];
          summary: unknown[];
        };
        assert.equal(read.rows, ROWS);
        assert.deepEqual(read.types, types);
        assert.deepEqual(read.first, [
          firstRow,
          nulls({}),
          nulls({ big: 0, name: 'name 0', tags: ['0'], ok: true }),
        ]);
        const sum = 9007199254740993n + BigInt(((ROWS - 2) * (ROWS - 3)) / 2);
        // JSON.parse reads the sum as a double.
        assert.deepEqual(read.summary.slice(0, 1), [ROWS]);
        assert.equal(read.summary[1], Number(sum));
        assert.deepEqual(read.summary.slice(2), [
          ROWS - 1,
          ROWS,
          '12345678901234567.125',
          'é😀',
          '2026-11-29T01:02:03.123456+00:00',
        ]);
      });
    }
  }
}

const types = {
  big: 'int64',
  tiny: 'int8',
  small: 'int16',
  whole: 'int32',
  single: 'float',
  twice: 'double',
  amount: 'decimal128(20, 3)',
  ok: 'bool',
  name: 'string',
  code: 'string',
  bytes: 'binary',
  day: 'date32[day]',
  at: 'timestamp[us, tz=UTC]',
  tags: 'list<element: string>',
  counts: "map<string, int32 ('counts')>",
  nested: 'struct<a: int32, b: list<element: struct<x: int64, y: string>>>',
};

const firstRow = {
  big: Number('9007199254740993'),
  tiny: -1,
  small: -2,
  whole: 3,
  single: 0.5,
  twice: 0.1,
  amount: '12345678901234567.125',
  ok: true,
  name: 'é😀',
  code: 'abc',
  bytes: '000102',
  day: '2026-11-29',
  at: '2026-11-29T01:02:03.123456+00:00',
  tags: ['a', null],
  counts: [
    ['k', 1],
    ['z', null],
  ],
  nested: { a: 1, b: [{ x: 2, y: 'q' }, null, { x: null, y: null }] },
};

/** A row with these values and nulls for the others. */
function nulls(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { ...Object.fromEntries(Object.keys(columns).map((name) => [name, null])), ...values };
}
