import assert from 'node:assert/strict';
import { it } from 'node:test';
import * as fc from 'fast-check';
import { RecordPacker } from '../../../../src/engine/packed-records.ts';
import { eachRecord } from '../../../../src/services/kinesis/read/read.ts';
import { packRecord } from '../../../../src/services/kinesis/records/record-codec.ts';
import {
  expectedJsonBytes,
  plainBytes,
  recordsJson,
} from '../../../../src/services/kinesis/records/records-json.ts';
import { Shard } from '../../../../src/services/kinesis/shards/shard.ts';
import { FIRST_HASH_KEY, LAST_HASH_KEY } from '../../../../src/services/kinesis/shards/hash-key.ts';

const shard = new Shard({
  index: 3,
  log: 1,
  parents: [],
  startHash: FIRST_HASH_KEY,
  endHash: LAST_HASH_KEY,
  createdSeconds: 1_700_000_000,
  openedMs: 1_700_000_000_000,
});

const record = fc.record({
  data: fc.uint8Array({ maxLength: 500 }),
  partitionKey: fc.oneof(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', maxLength: 256 })),
  explicitHashKey: fc.option(fc.constantFrom('0', '17', '9'.repeat(38)), { nil: undefined }),
});
const time = fc.oneof(
  fc.nat(2 ** 40),
  ...[10, 100, 1000].map((unit) => fc.nat(2 ** 31).map((count) => count * unit)),
);
const batches = fc.array(fc.tuple(fc.array(record, { minLength: 1, maxLength: 12 }), fc.nat(2 ** 31), time), {
  maxLength: 4,
});

it('the JSON of records equals that of the general encoder', () => {
  fc.assert(
    fc.property(batches, fc.string({ unit: 'grapheme' }), (contents, NextShardIterator) => {
      const read = {
        batches: contents.map(([records, firstIndex, arrivalMs]) => {
          const packer = new RecordPacker(16);
          for (const { partitionKey, explicitHashKey, data } of records) {
            packRecord(packer, partitionKey, explicitHashKey, data);
          }
          return { ...packer.finish(), firstIndex, arrivalMs };
        }),
        nextPosition: 0,
        millisBehindLatest: 5,
        ended: false,
      };
      const expected: object[] = [];
      let data = 0;
      for (const batch of read.batches) {
        // Nothing is encrypted, so that nobody asks for a cipher or a stream.
        eachRecord({} as never, {} as never, shard, batch, (stored, SequenceNumber) => {
          data += stored.data.length;
          expected.push({
            SequenceNumber,
            ApproximateArrivalTimestamp: batch.arrivalMs / 1000,
            Data: stored.data.toString('base64'),
            PartitionKey: stored.partitionKey,
          });
        });
      }
      const rest = { NextShardIterator, MillisBehindLatest: 5, ChildShards: undefined };
      const after = JSON.stringify(rest);
      // Room enough, or too little.
      for (const bytes of [expectedJsonBytes(read.batches, after), 1]) {
        const json = recordsJson(shard, read.batches, after, Buffer.alloc(bytes)).toString();
        assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify({ Records: expected, ...rest })));
      }
      assert.equal(plainBytes(read)?.data, data);
    }),
    { numRuns: 500 },
  );
});
