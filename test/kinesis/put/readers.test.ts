import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import api from '../../../src/kinesis/api.json' with { type: 'json' };
import { putReaders } from '../../../src/kinesis/put/readers.ts';
import { jsonDecoder } from '../../../src/protocol/json-values.ts';
import { parseJson } from '../../../src/protocol/json.ts';
import { compileValidator } from '../../../src/protocol/validation.ts';

const decoder = jsonDecoder(api);

/** What the general way gives; undefined when it refuses the body. */
function generally(operation: string, body: Buffer): unknown {
  try {
    const input = decoder(`${operation}Input`)(parseJson(body));
    return compileValidator(api, `${operation}Input`)(input as object) === undefined ? input : undefined;
  } catch {
    return undefined;
  }
}

/** Without members that are undefined, and with bytes as hex digits. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      // A Buffer has been through its toJSON by now.
      typeof inner === 'object' &&
      inner !== null &&
      'type' in inner &&
      inner.type === 'Buffer' &&
      'data' in inner
        ? Buffer.from(inner.data as number[]).toString('hex')
        : inner,
    ),
  );
}

const base64 = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const ascii = fc.string({ minLength: 1, maxLength: 60 });
const odd = fc.oneof(
  ascii,
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom(
    null,
    1,
    true,
    '',
    'AQ=',
    'A===',
    'A-__',
    'AA=A',
    'AAAA====',
    'AA\\/',
    '01',
    '9'.repeat(39),
    [],
    {},
  ),
  base64.map((text) => text.replace('A', '*')),
);
/** Mostly as it should be. */
const mostly = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: usual, weight: 30 }, { arbitrary: odd, weight: 1 });

const entry = fc.record(
  {
    Data: mostly(base64),
    PartitionKey: mostly(ascii),
    ExplicitHashKey: mostly(fc.bigInt({ min: 0n, max: 2n ** 130n }).map(String)),
    Other: odd,
  },
  { requiredKeys: ['Data', 'PartitionKey'] },
);
const stream = {
  StreamName: mostly(fc.stringMatching(/^[\w.-]{1,40}$/)),
  StreamARN: mostly(fc.constant('arn:aws:kinesis:us-east-1:000000000000:stream/a')),
};
const inputs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  PutRecord: fc
    .tuple(entry, fc.record(stream, { requiredKeys: [] }), fc.boolean())
    .map(([record, where, first]) => (first ? { ...where, ...record } : { ...record, ...where })),
  PutRecords: fc.record(
    { Records: mostly(fc.array(entry, { maxLength: 8 })), ...stream, DryRun: fc.boolean() },
    { requiredKeys: ['Records'] },
  ),
};

/** Bodies as programs write them, and as none should. */
const bodyOf = (input: fc.Arbitrary<object>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(input, fc.constantFrom('', ' ', '\t', '\n  '), fc.integer({ min: 0, max: 40 }), fc.nat())
    .map(([value, indent, chance, at]) => {
      const text = JSON.stringify(value, undefined, indent);
      const cut = at % (text.length + 1);
      if (chance === 0) return Buffer.from(text.slice(0, cut));
      if (chance === 1) return Buffer.from(`${text.slice(0, cut)}"${text.slice(cut)}`);
      if (chance === 2) return Buffer.from(text.replaceAll('/', '\\/'));
      if (chance === 3) return Buffer.from(text.replace('{', '{"StreamName":"twice",'));
      if (chance === 4) return Buffer.from(`${text} ,`);
      return Buffer.from(text);
    });

describe('the readers of what is put', () => {
  for (const [operation, read] of Object.entries(putReaders)) {
    const input = inputs[operation];
    assert.ok(input);

    it(`give of a ${operation} what the general way gives, or nothing`, () => {
      fc.assert(
        fc.property(bodyOf(input), (body) => {
          const quickly = read(body)?.input;
          if (quickly === undefined) return;
          assert.deepEqual(plain(quickly), plain(generally(operation, body)));
        }),
        { numRuns: 3000 },
      );
    });
  }

  it('read what the SDKs send, of any length of data', () => {
    for (let length = 0; length < 700; length++) {
      const Data = Buffer.alloc(length, length).toString('base64');
      const record = { Data, PartitionKey: 'key', ExplicitHashKey: '17' };
      for (const body of [
        { ...record, StreamName: 's' },
        { StreamName: 's', ...record },
      ]) {
        assert.ok(putReaders['PutRecord']?.(Buffer.from(JSON.stringify(body))), `of ${length} bytes`);
      }
      const body = Buffer.from(
        JSON.stringify({ Records: [record, record], StreamName: 's' }, undefined, ' '),
      );
      assert.deepEqual(plain(putReaders['PutRecords']?.(body)?.input), plain(generally('PutRecords', body)));
    }
  });
});
