import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { convert, hive, metadataOf, openX, read, refusal, rowsOf } from './conversions.ts';

const MALFORMED = 'DataFormatConversion.MalformedData';

/** The value of the one column, in a table of that type. */
async function valueOf(type: string, json: string, options = {}): Promise<unknown> {
  const [row] = await read({ x: type }, [`{"x":${json}}`], options);
  return row?.['x'];
}

/** The unscaled value as it is in the file. */
const unscaled = (type: string, json: string) => {
  const { body, refused } = convert({ x: type }, [`{"x":${json}}`], {
    parquet: { compression: 'UNCOMPRESSED' },
  });
  assert.deepEqual(refused, []);
  const column = metadataOf({ body }).row_groups[0]?.columns[0]?.meta_data;
  const end = Number(column?.data_page_offset) + Number(column?.total_compressed_size);
  const length = metadataOf({ body }).schema[1]?.type_length ?? 0;
  return BigInt.asIntN(
    length * 8,
    BigInt(`0x${Buffer.from(body.subarray(end - length, end)).toString('hex')}`),
  );
};

/** The moment that a timestamp column holds. */
const moment = async (json: string, options = {}) => {
  const value = await valueOf('timestamp', json, options);
  return value instanceof Date ? value.toISOString() : value;
};

/** Of the Hive SerDe. */
const withFormats = (...timestampFormats: string[]) => ({ serDe: { ...hive, timestampFormats } });

/** One of many. */
const record = (index: number) =>
  `{"id":${index},"name":"name ${index % 10}","ok":${index % 2 === 0},"tags":["a","${index}"]}`;

describe('numbers', () => {
  it('are exact, even if a double is not', async () => {
    assert.equal(await valueOf('bigint', '9223372036854775807'), 9223372036854775807n);
    assert.equal(await valueOf('bigint', '-9223372036854775808'), -9223372036854775808n);
    assert.equal(await valueOf('bigint', '9007199254740993'), 9007199254740993n);
    assert.equal(await valueOf('bigint', '1e18'), 1000000000000000000n);
    assert.equal(await valueOf('bigint', '5.0'), 5n);
    assert.equal(await valueOf('bigint', '"42"'), 42n);
    assert.equal(await valueOf('tinyint', '-128'), -128);
    assert.equal(await valueOf('smallint', '32767'), 32767);
    assert.equal(await valueOf('int', '2147483647'), 2147483647);
    assert.equal(await valueOf('float', '0.1'), Math.fround(0.1));
    assert.equal(await valueOf('double', '0.1'), 0.1);
    assert.equal(await valueOf('double', '1234567890.1234567'), 1234567890.1234567);
  });

  it('are converted to decimals without doubles, rounded half up as in Hive', () => {
    assert.equal(unscaled('decimal(22,2)', '12345678901234567890.12'), 1234567890123456789012n);
    assert.equal(unscaled('decimal(38,0)', '"99999999999999999999999999999999999999"'), 10n ** 38n - 1n);
    assert.equal(unscaled('decimal(4,2)', '12.345'), 1235n);
    assert.equal(unscaled('decimal(4,2)', '-12.345'), -1235n);
    assert.equal(unscaled('decimal(4,2)', '1e-1000000000'), 0n);
    assert.equal(unscaled('decimal(4,2)', '"0e1000000000"'), 0n);
    assert.equal(unscaled('decimal(16,6)', '1234567890.123456'), 1234567890123456n);
  });

  it("out of their column's range are refused", () => {
    const cases: [type: string, json: string, message: RegExp][] = [
      ['tinyint', '128', /^Data does not match the schema\. Value 128 is out of range/],
      ['bigint', '9223372036854775808', /out of range/],
      ['int', '1.5', /^Data does not match the schema\. For input string: "1\.5"$/],
      ['int', '"oops"', /^Data does not match the schema\. For input string: "oops"$/],
      ['int', 'true', /For input string: "true"/],
      ['float', '1e300', /out of range/],
      ['double', '"1e999"', /out of range/],
      ['double', '1e999', /out of range/],
      // JSON.parse reads it as Infinity, which is no decimal: the whole batch once failed.
      ['decimal(4,2)', '1e309', /out of range/],
      ['timestamp', '1e309', /out of range/],
      ['double', '"0x10"', /For input string/],
      ['decimal(4,2)', '12345.67', /out of range for decimal\(4,2\)/],
      ['decimal(22,2)', '"1e1000000000"', /out of range/],
      ['decimal(22,2)', '"1e2147483647"', /out of range/],
      ['int', '[1]', /cannot hold a JSON array/],
      ['int', '{}', /cannot hold a JSON object/],
    ];
    for (const [type, json, message] of cases) {
      const [code, text = ''] = refusal({ x: type }, `{"x":${json}}`);
      assert.equal(code, MALFORMED, `${type} ${json}`);
      assert.match(text, message);
    }
  });
});

describe('texts, bytes and booleans', () => {
  it('keep numbers as they were written, and objects as compact JSON with keys in lower case', async () => {
    assert.equal(await valueOf('string', '"a\\u00e9\\n"'), 'aé\n');
    assert.equal(await valueOf('string', '1.50'), '1.50');
    assert.equal(await valueOf('string', '12345678901234567890'), '12345678901234567890');
    assert.equal(await valueOf('string', 'true'), 'true');
    // As recorded on AWS.
    assert.equal(await valueOf('string', '{"Outer": {"Inner": 1}}'), '{"outer":{"inner":1}}');
    assert.equal(await valueOf('array<string>', '[["a", "b"]]').then(String), '["a","b"]');
  });

  it('are bounded, base64, or true and false', async () => {
    assert.equal(await valueOf('varchar(2)', '"é😀"'), 'é😀');
    assert.match(refusal({ x: 'char(2)' }, '{"x":"abc"}')[1] ?? '', /more than 2 characters/);
    assert.deepEqual(await valueOf('binary', '"AAEC"'), new Uint8Array([0, 1, 2]));
    assert.match(refusal({ x: 'binary' }, '{"x":"%"}')[1] ?? '', /base64/);
    assert.equal(await valueOf('boolean', '"TRUE"'), true);
    assert.ok((refusal({ x: 'int' }, JSON.stringify({ x: 'y'.repeat(100_000) }))[1]?.length ?? 0) < 1_200);
    assert.match(refusal({ x: 'boolean' }, '{"x":"yes"}')[1] ?? '', /For input string: "yes"/);
  });
});

describe('times', () => {
  it('are parsed as by the OpenX SerDe', async () => {
    // AWS's guide, and as recorded on AWS: seconds below 1e12, milliseconds from there.
    assert.equal(await moment('"2017-02-07T15:13:01.39256Z"'), '2017-02-07T15:13:01.392Z');
    assert.equal(await moment('"2017-02-07 15:13:01.14"'), '2017-02-07T15:13:01.140Z');
    assert.equal(await moment('"2026-9-7 1:2:3"'), '2026-09-07T01:02:03.000Z');
    assert.equal(await moment('1518033528'), '2018-02-07T19:58:48.000Z');
    assert.equal(await moment('1518033528123'), '2018-02-07T19:58:48.123Z');
    assert.equal(await moment('1518033528.123'), '2018-02-07T19:58:48.123Z');
    assert.equal(await moment('"1518033528123"'), '2018-02-07T19:58:48.123Z');
    assert.equal(await moment('1000000000000'), '2001-09-09T01:46:40.000Z');
    assert.equal(await moment('-1000'), '1969-12-31T23:43:20.000Z');
    assert.equal(await moment('"1e-1000000000"'), '1970-01-01T00:00:00.000Z');
    assert.deepEqual(await valueOf('date', '"2026-1-9"'), new Date('2026-01-09'));
  });

  it('are refused in other formats', () => {
    for (const json of [
      '"2026-9-7T12:00:02Z"',
      '"2026-02-30 00:00:00"',
      '"2026-05-21T14:00:00+00:00"',
      'true',
    ]) {
      assert.equal(refusal({ x: 'timestamp' }, `{"x":${json}}`)[0], MALFORMED, json);
    }
    assert.match(refusal({ x: 'timestamp' }, '{"x":1e30}')[1] ?? '', /out of range/);
    assert.equal(refusal({ x: 'date' }, '{"x":"2026-13-01"}')[0], MALFORMED);
  });

  it('are parsed with the formats of the Hive SerDe', async () => {
    assert.equal(await moment('"2026-1-2 3:04:05.5"', withFormats()), '2026-01-02T03:04:05.500Z');
    assert.equal(await moment('1518033528123', withFormats('millis')), '2018-02-07T19:58:48.123Z');
    const formats = withFormats("yyyy-MM-dd'T'HH:mm:ss.SSSZ", 'EEE, dd MMM yyyy hh:mm a', 'millis');
    assert.equal(await moment('"2026-11-29T01:02:03.456+01:00"', formats), '2026-11-29T00:02:03.456Z');
    assert.equal(await moment('"Sun, 29 Nov 2026 12:05 pm"', formats), '2026-11-29T12:05:00.000Z');
    assert.equal(await moment('5', formats), '1970-01-01T00:00:00.005Z');
    assert.match(
      refusal({ x: 'timestamp' }, '{"x":"soon"}', formats)[1] ?? '',
      /^Data does not match the schema\. For input string: "soon"$/,
    );
    assert.equal(refusal({ x: 'timestamp' }, '{"x":1518033528}', withFormats())[0], MALFORMED);
    // More microseconds than 64 bits hold.
    assert.equal(refusal({ x: 'timestamp' }, '{"x":"999999999"}', withFormats('yyyy'))[0], MALFORMED);
  });
});

describe('nested values', () => {
  // The behaviour of both SerDes here is as recorded on AWS in 2026.
  it('are arrays, maps and structs, with nulls for missing values', async () => {
    const columns = {
      tags: 'array<string>',
      person: 'struct<name:string,age:int>',
      items: 'array<struct<sku:string,qty:bigint>>',
      attrs: 'map<string,array<string>>',
    };
    const rows = await read(columns, [
      '{"tags":["a",null],"person":{"NAME":"Bob","extra":1},"items":[{"sku":"s","qty":"3"},null],"attrs":{"K":["v"]}}',
      '{"person":{},"tags":[],"attrs":{}}',
      '{"tags":"solo","person":["Zoe",9,"extra"],"items":{"sku":"x"}}',
      '{}',
    ]);
    const none = { tags: null, person: null, items: null, attrs: null };
    assert.deepEqual(rows.map(nullsFor(none)), [
      {
        tags: ['a', null],
        person: { name: 'Bob', age: null },
        items: [{ sku: 's', qty: 3n }, null],
        attrs: { k: ['v'] },
      },
      { ...none, tags: [], person: { name: null, age: null }, attrs: {} },
      { ...none, tags: ['solo'], person: { name: 'Zoe', age: 9 }, items: [{ sku: 'x', qty: null }] },
      none,
    ]);
  });

  it('are refused if they have another type', () => {
    const cases: [type: string, json: string, message: string][] = [
      ['struct<a:int>', '42', 'Data is not JSONObject  but java.lang.Long with value 42'],
      ['map<string,int>', '[["k",1]]', 'A map column cannot hold a JSON array.'],
      ['array<struct<q:int>>', '[{"q":"oops"}]', 'For input string: "oops"'],
    ];
    for (const [type, json, message] of cases) {
      assert.deepEqual(refusal({ x: type }, `{"x":${json}}`), [
        MALFORMED,
        `Data does not match the schema. ${message}`,
      ]);
    }
  });

  it('are stricter with the Hive SerDe, which keeps the case of map keys', async () => {
    const options = { serDe: hive };
    assert.deepEqual(await valueOf('map<string,string>', '{"MixedKey":1}', options), { MixedKey: '1' });
    assert.deepEqual(await valueOf('array<string>', '[1,2]', options), ['1', '2']);
    const cases: [type: string, json: string, message: string][] = [
      [
        'array<string>',
        '"solo"',
        'Data does not match the schema. java.io.IOException: Start of Array expected',
      ],
      [
        'struct<a:int>',
        '["Bob"]',
        'Data does not match the schema. java.io.IOException: Start of Object expected',
      ],
      [
        'int',
        '"7"',
        'Data does not match the schema. Current token (VALUE_STRING) not numeric, can not use numeric value accessors',
      ],
      [
        'string',
        '{"nested":1}',
        'One or more fields have incorrect format. Exception when validating field (root)',
      ],
    ];
    for (const [type, json, message] of cases) {
      assert.deepEqual(refusal({ x: type }, `{"x":${json}}`, options), [MALFORMED, message]);
    }
  });
});

/** hyparquet leaves out nothing, but gives undefined for some nulls. */
function nullsFor(names: Readonly<Record<string, null>>) {
  return (row: Record<string, unknown>) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, plain(row[name])]));
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value instanceof Date || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}

describe('keys', () => {
  it('match in any case, and an exact match takes precedence', async () => {
    assert.deepEqual(await read({ id: 'int' }, ['{"ID":1}', '{"ID":1,"id":2}', '{"id":2,"Id":1}']), [
      { id: 1 },
      { id: 2 },
      { id: 2 },
    ]);
    const exact = { serDe: { ...openX, caseInsensitive: false } };
    const [row] = await read({ id: 'int', m: 'map<string,int>' }, ['{"ID":1,"m":{"Key":1}}'], exact);
    assert.equal(row?.['id'] ?? null, null);
    assert.deepEqual(row?.['m'], { Key: 1 });
  });

  it('are mapped to columns, and dots are replaced by underscores if configured', async () => {
    const serDe = { ...openX, convertsDots: true, keyOfColumn: { ts: 'timeStamp' } };
    assert.deepEqual(
      await read({ ts: 'int', a_b: 'int', s: 'struct<c_d:int>' }, ['{"TIMESTAMP":5,"a.b":6,"s":{"c.d":7}}'], {
        serDe,
      }),
      [{ ts: 5, a_b: 6, s: { c_d: 7 } }],
    );
  });

  it('such as __proto__ are ordinary keys', async () => {
    assert.deepEqual(await read({ a: 'int' }, ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}{"a":2}']), [
      { a: null },
      { a: null },
      { a: 2 },
    ]);
  });
});

describe('records', () => {
  it('can contain several documents, each of which is a row', async () => {
    assert.deepEqual(await read({ a: 'int' }, ['{"a":1}{"a":2}', '{"a":3}\n{"a":4}\n', ' {"a":5} ']), [
      { a: 1 },
      { a: 2 },
      { a: 3 },
      { a: 4 },
      { a: 5 },
    ]);
  });

  it('are refused individually and completely, and the others are converted', async () => {
    const records = [
      '{"a":1}',
      'nonsense',
      '[{"a":2}]',
      '',
      ' \n',
      '42',
      '{"a":3}{"a":"x"}',
      '{"a":4}{',
      '{"a":5}',
    ];
    const converted = convert({ a: 'int' }, [...records, new Uint8Array([0x7b, 0xff, 0x7d])]);
    assert.deepEqual(await rowsOf(converted), [{ a: 1 }, { a: 5 }]);
    assert.deepEqual(
      converted.refused.map(({ index, errorCode, errorMessage }) => [index, errorCode, errorMessage]),
      [
        [
          1,
          'DataFormatConversion.ParseError',
          'Encountered malformed JSON. Unexpected character "n" at position 0',
        ],
        [2, MALFORMED, 'Data does not match the schema. The top level must be an object, not an array.'],
        [3, MALFORMED, 'The record was empty or contained only whitespace.'],
        [4, MALFORMED, 'The record was empty or contained only whitespace.'],
        [
          5,
          MALFORMED,
          'The input JSON contained a primitive at the top level. The top level must be an object or array.',
        ],
        [6, MALFORMED, 'Data does not match the schema. For input string: "x"'],
        [7, 'DataFormatConversion.ParseError', 'Encountered malformed JSON. Unexpected end of input'],
        [9, 'DataFormatConversion.ParseError', 'Encountered malformed JSON. Invalid UTF-8'],
      ],
    );
  });

  it('of a wide table use bounded memory, although {} has many nulls', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, 'int']));
    const [code, message = ''] = refusal(wide, '{}'.repeat(10_000));
    assert.equal(code, MALFORMED);
    assert.match(message, /more than 8388 documents/);
    const converted = convert(wide, [...Array<string>(9000).fill('{}'), '{"c7":1}']);
    assert.equal(metadataOf(converted).row_groups.length, 2);
    assert.equal(Number(metadataOf(converted).num_rows), 9001);
  });

  it('that are nested too deeply are refused', () => {
    const deep = `{"a":${'['.repeat(100_000)}`;
    assert.equal(refusal({ a: 'string' }, deep)[0], 'DataFormatConversion.ParseError');
    const closed = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    assert.notEqual(refusal({ a: 'string' }, closed)[0], undefined);
  });
});

describe('files', () => {
  const columns = { id: 'bigint', name: 'string', ok: 'boolean', tags: 'array<string>' };
  const records = Array.from({ length: 3000 }, (_, index) => record(index));

  for (const writerVersion of ['V1', 'V2'] as const) {
    for (const compression of ['UNCOMPRESSED', 'GZIP', 'SNAPPY'] as const) {
      for (const hasDictionaries of [false, true]) {
        const options = { writerVersion, compression, hasDictionaries };
        it(`are the same for the same records, and read back: ${Object.values(options).join(', ')}`, async () => {
          const parquet = { ...options, pageSizeBytes: 4096 };
          const first = convert(columns, records, { parquet });
          assert.deepEqual(convert(columns, records, { parquet }).body, first.body);
          const rows = await rowsOf(first);
          assert.equal(rows.length, records.length);
          assert.deepEqual(rows[2999], { id: 2999n, name: 'name 9', ok: false, tags: ['a', '2999'] });
          const [, name] = metadataOf(first).row_groups[0]?.columns ?? [];
          assert.equal(name?.meta_data?.codec, compression);
          assert.equal(name.meta_data.encodings.includes('RLE_DICTIONARY'), hasDictionaries);
          const pages = name.meta_data.encoding_stats?.at(-1);
          assert.equal(pages?.page_type, writerVersion === 'V1' ? 'DATA_PAGE' : 'DATA_PAGE_V2');
        });
      }
    }
  }

  it('have row groups of at most a block, and padding before them if configured', async () => {
    const parquet = { compression: 'UNCOMPRESSED', blockSizeBytes: 64 * 1024 } as const;
    const plain = convert(columns, records, { parquet });
    const padded = convert(columns, records, { parquet: { ...parquet, maxPaddingBytes: 64 * 1024 - 5 } });
    for (const converted of [plain, padded]) {
      assert.equal((await rowsOf(converted)).length, records.length);
      assert.ok(metadataOf(converted).row_groups.length > 2);
    }
    const starts = metadataOf(padded).row_groups.map(({ columns: [column] }) => Number(column?.file_offset));
    assert.deepEqual(
      starts.slice(1).filter((start) => start % (64 * 1024) !== 0),
      [],
    );
  });

  it('without rows are valid', async () => {
    assert.deepEqual(await rowsOf(convert(columns, ['nonsense'])), []);
  });
});
