import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { jsonDecoder } from '../../../../src/protocol/documents/json-values.ts';
import { parseJson } from '../../../../src/protocol/rpc/json.ts';
import { compileValidator } from '../../../../src/protocol/validation.ts';
import api from '../../../../src/services/firehose/api.json' with { type: 'json' };
import { putBodyParsers } from '../../../../src/services/firehose/direct-put/put-body-parser.ts';
import { bodyOf, plain } from '../../kinesis/support/put-bodies.ts';

const decoder = jsonDecoder(api);

/** What the general decoder returns; undefined when it refuses the body. */
function generally(operation: string, body: Buffer): unknown {
  try {
    const input = decoder(`${operation}Input`)(parseJson(body));
    return compileValidator(api, `${operation}Input`)(input as object) === undefined ? input : undefined;
  } catch {
    return undefined;
  }
}

const odd = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.constantFrom(null, 1, true, '', 'AQ=', 'A===', 'A-__', 'AA\\/', [], {}),
);
const mostly = <T>(usual: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: usual, weight: 30 }, { arbitrary: odd, weight: 1 });
const data = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const record = fc.record({ Data: mostly(data), Other: odd }, { requiredKeys: ['Data'] });
const DeliveryStreamName = mostly(fc.stringMatching(/^[\w.-]{1,40}$/));
const inputs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  PutRecord: fc.record({ DeliveryStreamName, Record: mostly(record) }),
  PutRecordBatch: fc.record({ DeliveryStreamName, Records: mostly(fc.array(record, { maxLength: 8 })) }),
};

describe('the parsers of puts', () => {
  for (const [operation, read] of Object.entries(putBodyParsers)) {
    const input = inputs[operation];
    assert.ok(input);

    it(`return for a ${operation} what the general decoder returns, or nothing`, () => {
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

  it('parse what the SDKs send', () => {
    const Record = { Data: Buffer.from('x').toString('base64') };
    const one = JSON.stringify({ DeliveryStreamName: 's', Record });
    const many = JSON.stringify({ DeliveryStreamName: 's', Records: [Record, Record] });
    assert.ok(putBodyParsers['PutRecord']?.(Buffer.from(one)));
    assert.ok(putBodyParsers['PutRecordBatch']?.(Buffer.from(many)));
  });
});
