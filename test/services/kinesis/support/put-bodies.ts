import * as fc from 'fast-check';
import api from '../../../../src/services/kinesis/api.json' with { type: 'json' };
import { jsonDecoder } from '../../../../src/protocol/documents/json-values.ts';
import { parseJson } from '../../../../src/protocol/rpc/json.ts';
import { compileValidator } from '../../../../src/protocol/validation.ts';

const decoder = jsonDecoder(api);

/** What the general way gives; undefined when it refuses the body. */
export function generally(operation: string, body: Buffer): unknown {
  try {
    const input = decoder(`${operation}Input`)(parseJson(body));
    return compileValidator(api, `${operation}Input`)(input as object) === undefined ? input : undefined;
  } catch {
    return undefined;
  }
}

/** Without members that are undefined, and with bytes as hex digits. */
export function plain(value: unknown): unknown {
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
export const inputs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  PutRecord: fc
    .tuple(entry, fc.record(stream, { requiredKeys: [] }), fc.boolean())
    .map(([record, where, first]) => (first ? { ...where, ...record } : { ...record, ...where })),
  PutRecords: fc.record(
    { Records: mostly(fc.array(entry, { maxLength: 8 })), ...stream, DryRun: fc.boolean() },
    { requiredKeys: ['Records'] },
  ),
};

/** Bodies as programs write them, and as none should. */
export const bodyOf = (input: fc.Arbitrary<object>): fc.Arbitrary<Buffer> =>
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
