import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { encodeEvent, recordsBytesMax, recordSizer } from '../../../../src/services/lambda/mapping/event.ts';

const info = {
  sourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
  region: 'us-east-1',
  roleArn: 'arn:aws:iam::000000000000:role/r',
};
const shardId = 'shardId-000000000006';

const record = fc.record({
  sequenceNumber: fc.bigInt({ min: 0n, max: 2n ** 186n }).map(String),
  partitionKey: fc.string({ minLength: 1, maxLength: 256, unit: 'binary' }),
  explicitHashKey: fc.constant(undefined),
  data: fc.uint8Array({ maxLength: 500 }),
  arrivalMs: fc.integer({ min: 0, max: 9_999_999_999_999 }),
});

describe('the event of a batch', () => {
  test("has the format in Lambda's guide", () => {
    const event: unknown = JSON.parse(
      encodeEvent(info, shardId, [
        {
          sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
          partitionKey: '1',
          explicitHashKey: undefined,
          data: Buffer.from('Hello, this is a test.'),
          arrivalMs: 1_545_084_650_987,
        },
      ]).toString(),
    );
    assert.deepEqual(event, {
      Records: [
        {
          kinesis: {
            kinesisSchemaVersion: '1.0',
            partitionKey: '1',
            sequenceNumber: '49590338271490256608559692538361571095921575989136588898',
            data: 'SGVsbG8sIHRoaXMgaXMgYSB0ZXN0Lg==',
            approximateArrivalTimestamp: 1_545_084_650.987,
          },
          eventSource: 'aws:kinesis',
          eventVersion: '1.0',
          eventID: 'shardId-000000000006:49590338271490256608559692538361571095921575989136588898',
          eventName: 'aws:kinesis:record',
          invokeIdentityArn: info.roleArn,
          awsRegion: 'us-east-1',
          eventSourceARN: info.sourceArn,
        },
      ],
    });
  });

  test('is never larger than estimated', () => {
    const size = recordSizer(info);
    const empty = 1_000_000 - recordsBytesMax(1_000_000);
    fc.assert(
      fc.property(fc.array(record, { maxLength: 20 }), (records) => {
        const counted = records.reduce((sum, each) => sum + size(each), empty);
        const bytes = encodeEvent(info, shardId, records).length;
        assert.ok(bytes <= counted, `${bytes} of ${counted}`);
        assert.ok(counted - bytes <= 1 + records.length * 16, 'and hardly smaller');
      }),
      { seed: 4, numRuns: 200 },
    );
  });
});
