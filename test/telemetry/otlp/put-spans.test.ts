import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnsweredRequest } from '../../../src/protocol/observer.ts';
import { EncodedOutput } from '../../../src/protocol/service.ts';
import { telemetryLimits } from '../../../src/telemetry/limits.ts';
import { PutSpans } from '../../../src/telemetry/otlp/put-spans.ts';

const context = (spanId: string) => ({ traceId: 'a'.repeat(32), spanId, isSampled: true });

function putting(operation: string, input: object, output: unknown): AnsweredRequest {
  // Nothing else of it is read.
  return { outcome: { operation, input, output } } as unknown as AnsweredRequest;
}

const record = (sequenceNumber: string) => ({ sequenceNumber });

test('the span of a put is found by its records, also those of PutRecords, by name and by ARN', () => {
  const puts = new PutSpans();
  const one = { ShardId: 'shardId-0', SequenceNumber: '1' };
  puts.remember(putting('PutRecord', { StreamName: 's' }, one), context('1'));
  const StreamARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
  const Records = [{ ErrorCode: 'InternalFailure' }, { ShardId: 'shardId-0', SequenceNumber: '2' }];
  const output = new EncodedOutput(
    () => '',
    () => ({ Records }),
  );
  puts.remember(putting('PutRecords', { StreamARN }, output), context('2'));
  assert.deepEqual(puts.of('s', 'shardId-0', [record('1'), record('2'), record('3')]), [
    context('1'),
    context('2'),
  ]);
  assert.deepEqual(puts.of('s', 'shardId-1', [record('1')]), []);
  assert.deepEqual(puts.of('other', 'shardId-0', [record('1')]), []);
});

test('the span of a direct put is found by the records that its delivery reads', () => {
  const puts = new PutSpans();
  const DeliveryStreamName = 'lake';
  puts.remember(putting('PutRecord', { DeliveryStreamName }, { RecordId: '491000000' }), context('1'));
  const output = { FailedPutCount: 0, RequestResponses: [{ RecordId: '492000000' }] };
  puts.remember(putting('PutRecordBatch', { DeliveryStreamName }, output), context('2'));
  const found = puts.of('lake', 'shardId-000000000000', [record('491'), record('492'), record('493')]);
  assert.deepEqual(found, [context('1'), context('2')]);
});

test('only the newest puts are remembered, and a span has a bounded number of links', () => {
  const puts = new PutSpans();
  const { rememberedPutsMax, spanLinksMax } = telemetryLimits;
  for (let at = 0; at <= rememberedPutsMax; at++) {
    const output = { ShardId: 'shardId-0', SequenceNumber: String(at) };
    puts.remember(putting('PutRecord', { StreamName: 's' }, output), context(String(at)));
  }
  assert.deepEqual(puts.of('s', 'shardId-0', [record('0')]), []);
  assert.deepEqual(puts.of('s', 'shardId-0', [record('1')]), [context('1')]);
  const many = Array.from({ length: 100 }, (_, at) => record(String(at + 1)));
  assert.equal(puts.of('s', 'shardId-0', many).length, spanLinksMax);
});
