import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeliveryBatch, DeliveryRecord } from '../../../../src/delivery/destination.ts';
import { ObjectNames } from '../../../../src/delivery/object-name.ts';
import { S3Destination } from '../../../../src/services/firehose/pipeline/s3-destination.ts';
import { FakeStore } from '../../../support/fake-store.ts';

const names = new ObjectNames({
  streamName: 'orders',
  prefix: '!{partitionKeyFromQuery:k}/!{timestamp:yyyy}/',
  errorOutputPrefix: 'errors/!{firehose:error-output-type}/',
  extension: '',
  dynamicPartitioning: true,
});

function record(value: string | undefined, number: number): DeliveryRecord {
  return {
    data: Buffer.from(`${number};`),
    arrivalMs: 0,
    shardId: 'shardId-000000000000',
    sequenceNumber: String(number),
    subSequenceNumber: 0,
    partitionKey: 'p',
    ...(value !== undefined && { partitionKeys: new Map([['partitionKeyFromQuery:k', value]]) }),
  };
}

function batch(records: readonly DeliveryRecord[]): DeliveryBatch {
  return {
    deliveryId: 'd/shardId-000000000000/1-9',
    shardId: 'shardId-000000000000',
    firstSequenceNumber: '1',
    lastSequenceNumber: '9',
    firstArrivalMs: Date.UTC(2026, 0, 1),
    records,
  };
}

function setUp(activePartitionsMax = 500) {
  const store = new FakeStore(0);
  const seen: (readonly [number, boolean])[] = [];
  const destination = new S3Destination({
    store,
    bucket: 'lake',
    names,
    version: 1,
    activePartitionsMax,
    format: {
      encode: async (records) => ({ body: Buffer.concat(records.map(({ data }) => data)), refused: [] }),
    },
    onPartitions: (...counts) => seen.push(counts),
  });
  const { signal } = new AbortController();
  return {
    store,
    seen,
    deliver: (records: readonly DeliveryRecord[]) => destination.deliver(batch(records), signal),
  };
}

describe('dynamic partitions', () => {
  it('are objects of their own, with their records in order', async () => {
    const { store, deliver, seen } = setUp();
    const result = await deliver([record('a', 1), record('b', 2), record('a', 3), record('b', 4)]);
    assert.deepEqual(
      { ...result, refused: result.refused.length },
      { delivered: 4, bytes: 8, objects: 2, refused: 0 },
    );
    const bodies = [...store.objects].map(([key, { body }]) => [
      key.replace(/orders-.*/, ''),
      body.toString(),
    ]);
    assert.deepEqual(bodies, [
      ['lake/a/2026/', '1;3;'],
      ['lake/b/2026/', '2;4;'],
    ]);
    assert.deepEqual(seen, [[2, false]]);
  });

  it('are found again by another attempt, whatever was lost between', async () => {
    const { store, deliver } = setUp();
    const records = ['a', 'b', 'c'].map(record);
    let calls = 0;
    store.fate = () => (++calls === 2 ? 'lost after' : calls === 4 ? 'lost before' : 'well');
    while ((await deliver(records).catch(() => undefined)) === undefined);
    assert.equal(store.objects.size, 3);
    assert.equal(store.writes, 3);
  });

  it('are 500 at once: records of others are refused, those of the 500 are not', async () => {
    const { store, deliver, seen } = setUp();
    const values = [...Array.from({ length: 510 }, (_, at) => `v${at}`), 'v0'];
    const { delivered, refused } = await deliver(values.map(record));
    assert.equal(store.objects.size, 500);
    assert.equal(delivered, 501);
    assert.deepEqual(
      refused.map(({ record: { sequenceNumber } }) => Number(sequenceNumber)),
      Array.from({ length: 10 }, (_, at) => 500 + at),
    );
    assert.equal(refused[0]?.errorCode, 'DynamicPartitioning.ActivePartitionsLimitExceeded');
    assert.deepEqual(seen, [[500, true]]);
  });

  it('are as many as the server is set to have', async () => {
    const { store, deliver } = setUp(2);
    const { refused } = await deliver(['a', 'b', 'c', 'a'].map((key, at) => record(key, at)));
    assert.equal(store.objects.size, 2);
    assert.deepEqual(
      refused.map(({ errorMessage }) => errorMessage),
      ['There are more than 2 active partitions.'],
    );
  });

  it('have no records without a key, or with keys that make a name too long', async () => {
    const { store, deliver } = setUp();
    const { delivered, refused } = await deliver([
      record(undefined, 1),
      record('', 2),
      record('x'.repeat(600), 3),
      record('good', 4),
    ]);
    assert.equal(delivered, 1);
    assert.equal(store.objects.size, 1);
    assert.deepEqual(
      refused.map(({ errorCode }) => errorCode),
      [
        'DynamicPartitioning.MetadataExtractionFailed',
        'DynamicPartitioning.MetadataExtractionFailed',
        'DynamicPartitioning.EvaluatedPrefixTooLong',
      ],
    );
  });
});
