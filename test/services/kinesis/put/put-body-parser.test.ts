import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { putBodyParsers } from '../../../../src/services/kinesis/put/put-body-parser.ts';
import { bodyOf, generally, inputs, plain } from '../support/put-bodies.ts';

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

  it('parse what the SDKs send, with data of any length', () => {
    for (let length = 0; length < 700; length++) {
      const Data = Buffer.alloc(length, length).toString('base64');
      const record = { Data, PartitionKey: 'key', ExplicitHashKey: '17' };
      for (const body of [
        { ...record, StreamName: 's' },
        { StreamName: 's', ...record },
      ]) {
        assert.ok(putBodyParsers['PutRecord']?.(Buffer.from(JSON.stringify(body))), `of ${length} bytes`);
      }
      const body = Buffer.from(
        JSON.stringify({ Records: [record, record], StreamName: 's' }, undefined, ' '),
      );
      assert.deepEqual(
        plain(putBodyParsers['PutRecords']?.(body)?.input),
        plain(generally('PutRecords', body)),
      );
    }
  });
});
