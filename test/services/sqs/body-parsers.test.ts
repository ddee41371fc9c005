import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { jsonDecoder } from '../../../src/protocol/documents/json-values.ts';
import { parseJson } from '../../../src/protocol/rpc/json.ts';
import api from '../../../src/services/sqs/api.json' with { type: 'json' };
import { bodyParsers } from '../../../src/services/sqs/body-parsers.ts';

const decoder = jsonDecoder(api);

const text = fc.oneof(
  { arbitrary: fc.string({ maxLength: 40 }), weight: 6 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 3 },
  { arbitrary: fc.json({ maxDepth: 2 }), weight: 2 },
  { arbitrary: fc.constantFrom(null, 5, true, [], {}, '\ud800', '\uffff', '\u007f'), weight: 1 },
);
const message = {
  MessageBody: text,
  MessageGroupId: text,
  MessageDeduplicationId: text,
  DelaySeconds: fc.oneof(
    { arbitrary: fc.nat(2 ** 31 - 1), weight: 9 },
    fc.constantFrom(-1, 1.5, 1e21, '5', null),
  ),
  MessageAttributes: fc.constantFrom({}, null, { a: { DataType: 'String', StringValue: 'a' } }),
};
const optional = { requiredKeys: [] };
const batch = (entry: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.record(
    { QueueUrl: text, Entries: fc.oneof({ arbitrary: fc.array(entry, { maxLength: 12 }), weight: 9 }, text) },
    optional,
  );
const inputs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  DeleteMessageBatch: batch(fc.record({ Id: text, ReceiptHandle: text, Other: text }, optional)),
  SendMessage: fc.record({ QueueUrl: text, ...message }, optional),
  SendMessageBatch: batch(fc.record({ Id: text, ...message }, optional)),
};

/** As programs write them, and as none should. */
const bodyOf = (input: fc.Arbitrary<object>): fc.Arbitrary<Buffer> =>
  fc
    .tuple(input, fc.constantFrom('', ' ', '\n\t'), fc.integer({ min: 0, max: 30 }), fc.nat())
    .map(([value, indent, chance, at]) => {
      const json = JSON.stringify(value, undefined, indent);
      const cut = at % (json.length + 1);
      if (chance === 0) return Buffer.from(json.slice(0, cut));
      if (chance === 1) return Buffer.from(`${json.slice(0, cut)}"${json.slice(cut)}`);
      if (chance === 2) return Buffer.from(json.replace('{', '{"QueueUrl":"twice",'));
      if (chance === 3)
        return Buffer.concat([
          Buffer.from(json.slice(0, cut)),
          Buffer.from([at % 256]),
          Buffer.from(json.slice(cut)),
        ]);
      if (chance === 4) return Buffer.from(json.replace(/\d/, '0$&'));
      if (chance === 5) return Buffer.from(json.replaceAll('a', '\\u0061'));
      return Buffer.from(json);
    });

/** Texts for bytes, and no members that are undefined. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

function generally(operation: string, body: Buffer): unknown {
  try {
    return decoder(`${operation}Request`)(parseJson(body));
  } catch {
    return undefined;
  }
}

for (const [operation, parse] of Object.entries(bodyParsers)) {
  it(`decodes a ${operation} as the general decoder, or not at all`, () => {
    const input = inputs[operation];
    assert.ok(input);
    fc.assert(
      fc.property(bodyOf(input), (body) => {
        const quickly = parse(body)?.input;
        if (quickly !== undefined) assert.deepEqual(plain(quickly), plain(generally(operation, body)));
      }),
      { numRuns: 3000 },
    );
  });
}

it('decodes what the SDKs send, with bodies of any length and any text', () => {
  for (let length = 1; length < 70; length++) {
    for (const MessageBody of ['a'.repeat(length), `${'a'.repeat(length)}"\n`, `${'a'.repeat(length)}é`]) {
      const entry = {
        Id: 'a',
        MessageBody,
        DelaySeconds: 900,
        MessageGroupId: 'g',
        MessageDeduplicationId: 'd',
      };
      const given = { QueueUrl: 'http://127.0.0.1:4566/000000000000/q', Entries: [entry, entry] };
      const body = Buffer.from(JSON.stringify(given));
      assert.deepEqual(plain(bodyParsers['SendMessageBatch']?.(body)?.input), given);
    }
  }
});
