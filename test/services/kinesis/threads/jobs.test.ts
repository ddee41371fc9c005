import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import * as fc from 'fast-check';
import { RecordPacker } from '../../../../src/engine/packed-records.ts';
import { hashKeyOf, pack } from '../../../../src/services/kinesis/put/pack.ts';
import {
  type PutRecordsInput,
  putBodyParsers,
} from '../../../../src/services/kinesis/put/put-body-parser.ts';
import { hashKeyAt, PreparsedPutRecords } from '../../../../src/services/kinesis/put/preparsed.ts';
import { packRecord } from '../../../../src/services/kinesis/records/record-codec.ts';
import { expectedJsonBytes, recordsJson } from '../../../../src/services/kinesis/records/records-json.ts';
import { FIRST_HASH_KEY, LAST_HASH_KEY } from '../../../../src/services/kinesis/shards/hash-key.ts';
import { Shard } from '../../../../src/services/kinesis/shards/shard.ts';
import { getInThread } from '../../../../src/services/kinesis/threads/get-job.ts';
import { RequestBody } from '../../../../src/http/request-body.ts';
import { parsePutRecordsInThread } from '../../../../src/services/kinesis/threads/put-job.ts';
import { startThreads } from '../../../../src/services/kinesis/threads/threads.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { acquireBuffer, releaseBuffer } from '../../../../src/support/buffer-pool.ts';
import { bodyOf, inputs, plain } from '../support/put-bodies.ts';

const threads = startThreads(2, silentLog);
after(() => threads.close());

/** As it comes from a connection: in memory that may be moved. Padding makes it large enough. */
function borrowed(body: Buffer): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc(40_000, ' ')]);
  const into = acquireBuffer(padded.length);
  padded.copy(into);
  return into;
}

describe('parsing PutRecords in a thread', () => {
  it('yields the same result as on the main thread, with packed records, and returns the body', async () => {
    const { PutRecords } = inputs;
    assert.ok(PutRecords);
    await fc.assert(
      fc.asyncProperty(bodyOf(PutRecords), async (text) => {
        const expected = putBodyParsers['PutRecords']?.(text)?.input as PutRecordsInput | undefined;
        const body = new RequestBody(borrowed(text));
        const sent = Buffer.from(body.bytes);
        const parsing = parsePutRecordsInThread(threads, body) ?? assert.fail('it was not moved');
        const read = await parsing;
        assert.ok(body.bytes.equals(sent));
        assert.equal(read === undefined, expected === undefined);
        if (read !== undefined && expected !== undefined) {
          assert.deepEqual(plain(read.input), plain(expected));
          checkReady(read.input, expected);
        }
        if (read?.memory !== undefined) releaseBuffer(read.memory);
        body.release();
      }),
      { numRuns: 1000, seed: 11 },
    );
  });

  it('does not affect a body that cannot be transferred', () => {
    assert.equal(parsePutRecordsInThread(threads, new RequestBody(Buffer.from('{}'))), undefined);
  });
});

function checkReady(input: object, { Records = [] }: PutRecordsInput): void {
  const ready = PreparsedPutRecords.recordsOf(input) ?? assert.fail('it is not ready');
  const entries = Records.map(({ PartitionKey = '', ExplicitHashKey, Data }) => ({
    partitionKey: PartitionKey,
    explicitHashKey: ExplicitHashKey,
    data: Data ?? Buffer.alloc(0),
  }));
  const { count, bytes } = pack(entries);
  assert.equal(ready.count, count);
  assert.ok(ready.bytes.equals(bytes));
  assert.deepEqual(
    entries.map((_, ordinal) => hashKeyAt(ready, ordinal)),
    entries.map(hashKeyOf),
  );
}

it('a thread encodes the response of GetRecords like the main thread', async () => {
  const shard = new Shard({
    index: 20,
    log: 1,
    parents: [],
    startHash: FIRST_HASH_KEY,
    endHash: LAST_HASH_KEY,
    createdSeconds: 1_790_000_000,
    openedMs: 1_790_000_000_000,
  });
  const after = JSON.stringify({ NextShardIterator: 'ä"', MillisBehindLatest: 0 });
  for (const [batchCount, recordCount] of [
    [0, 0],
    [1, 1],
    [3, 500],
    [700, 2],
    [1, 30_000],
  ] as const) {
    const batches = Array.from({ length: batchCount }, (_, place) => {
      const packer = new RecordPacker();
      for (let n = 0; n < recordCount; n++) {
        packRecord(packer, `key "${n}" ü`, n % 3 === 0 ? '17' : undefined, Buffer.alloc(n % 300, n));
      }
      return { ...packer.finish(), firstIndex: place * recordCount, arrivalMs: 1_790_000_000_123 + place };
    });
    const here = recordsJson(shard, batches, after, acquireBuffer(expectedJsonBytes(batches, after)));
    const there = await getInThread(threads, shard, batches, after);
    assert.ok(there.equals(here), `${batchCount} batches of ${recordCount}`);
    releaseBuffer(there);
  }
});
