import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DisableEnhancedMonitoringCommand, EnableEnhancedMonitoringCommand } from '@aws-sdk/client-kinesis';
import { taken } from '../support/metrics.ts';
import { startKinesis } from '../support/server.ts';
import { createStream, put, SHARD_0 } from '../support/streams.ts';

test('metrics are disabled one by one, or all', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  const StreamName = 'orders';
  await kinesis.client.send(
    new EnableEnhancedMonitoringCommand({
      StreamName,
      ShardLevelMetrics: ['IncomingBytes', 'IncomingRecords'],
    }),
  );
  const one = await kinesis.client.send(
    new DisableEnhancedMonitoringCommand({
      StreamName,
      ShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'],
    }),
  );
  assert.deepEqual(one.CurrentShardLevelMetrics, ['IncomingBytes', 'IncomingRecords']);
  assert.deepEqual(one.DesiredShardLevelMetrics, ['IncomingRecords']);
  await put(kinesis.client, 'orders', 'x');
  const dimensions = { StreamName, ShardId: SHARD_0 };
  assert.deepEqual(Object.keys(taken(kinesis.metrics, dimensions)), ['IncomingRecords']);
  const all = await kinesis.client.send(
    new DisableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics: ['ALL'] }),
  );
  assert.deepEqual(all.DesiredShardLevelMetrics, []);
  await put(kinesis.client, 'orders', 'x');
  assert.deepEqual(taken(kinesis.metrics, dimensions), {});
});
