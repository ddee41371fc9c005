import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeStreamCommand,
  EnableEnhancedMonitoringCommand,
  type MetricsName,
} from '@aws-sdk/client-kinesis';
import { taken } from '../support/metrics.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, putAll, readShard, SHARD_0, SHARD_1 } from '../support/streams.ts';

const enable = (...ShardLevelMetrics: MetricsName[]) =>
  new EnableEnhancedMonitoringCommand({ StreamName: 'orders', ShardLevelMetrics });

test('enabled metrics are counted for each shard', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client, 'orders', 2);
  const { $metadata: _, ...answer } = await kinesis.client.send(
    enable('OutgoingRecords', 'IncomingRecords', 'IncomingBytes'),
  );
  const on = ['IncomingBytes', 'IncomingRecords', 'OutgoingRecords'];
  assert.deepEqual(answer, {
    StreamName: 'orders',
    StreamARN: `${ARN}/orders`,
    CurrentShardLevelMetrics: [],
    DesiredShardLevelMetrics: on,
  });
  await kinesis.restart();
  const { StreamDescription } = await kinesis.client.send(
    new DescribeStreamCommand({ StreamName: 'orders' }),
  );
  assert.deepEqual(StreamDescription?.EnhancedMonitoring, [{ ShardLevelMetrics: on }]);

  const { Records = [] } = await putAll(kinesis.client, 'orders', ['a', 'b', 'c', 'd', 'e', 'f']);
  for (const ShardId of [SHARD_0, SHARD_1]) {
    await readShard(kinesis.client, 'orders', ShardId);
    const sum = Records.filter((record) => record.ShardId === ShardId).length;
    const once = { sampleCount: 1, sum, minimum: sum, maximum: sum };
    assert.deepEqual(taken(kinesis.metrics, { StreamName: 'orders', ShardId }), {
      IncomingBytes: once,
      IncomingRecords: once,
      OutgoingRecords: once,
    });
  }
});

test('ALL enables all of them', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const { DesiredShardLevelMetrics } = await kinesis.client.send(enable('ALL'));
  assert.equal(DesiredShardLevelMetrics?.length, 7);
});
