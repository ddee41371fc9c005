import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { GetMetricStatisticsCommand, type GetMetricStatisticsCommandInput } from '@aws-sdk/client-cloudwatch';
import { clientOptions } from '../../../support/server.ts';
import { aroundNow, errorNamed, openScene } from './scene.ts';

const query: GetMetricStatisticsCommandInput = {
  Namespace: 'AWS/Kinesis',
  MetricName: 'IncomingRecords',
  Dimensions: [{ Name: 'StreamName', Value: 'sample' }],
  Period: 600,
  Statistics: ['Sum', 'SampleCount'],
  ...aroundNow(),
};

test('metrics of a stream survive a restart of the server', async () => {
  await using scene = await openScene();
  const { server, cloudWatch } = scene;
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName: 'sample', ShardCount: 1 }));
  const record = { StreamName: 'sample', PartitionKey: '1', Data: Buffer.from('data') };
  for (let sent = 0; sent < 7;) {
    // The stream may still be in the making.
    const put = await kinesis.send(new PutRecordCommand(record)).catch(() => undefined);
    if (put !== undefined) sent++;
  }
  kinesis.destroy();
  await server.restart();
  const { Datapoints } = await cloudWatch.send(new GetMetricStatisticsCommand({ ...query, ...aroundNow() }));
  const sums = (Datapoints ?? []).map(({ Sum = 0, SampleCount, Unit }) => [Sum, SampleCount, Unit]);
  assert.deepEqual(sums, [[7, 7, 'Count']]);
});

test('a metric without data has no datapoints', async () => {
  await using scene = await openScene();
  const { Datapoints, Label } = await scene.cloudWatch.send(new GetMetricStatisticsCommand(query));
  assert.deepEqual(Datapoints, []);
  assert.equal(Label, 'IncomingRecords');
});

test("more than 1,440 datapoints are refused with AWS's message", async () => {
  await using scene = await openScene();
  const EndTime = new Date();
  const StartTime = new Date(EndTime.getTime() - 86_400 * 60_000);
  await assert.rejects(
    scene.cloudWatch.send(new GetMetricStatisticsCommand({ ...query, Period: 60, StartTime, EndTime })),
    errorNamed(
      'InvalidParameterCombinationException',
      /^You have requested up to 86400 datapoints, which exceeds the limit of 1440\./,
    ),
  );
});

test('the latency of puts has percentiles, also after a restart', async () => {
  await using scene = await openScene();
  const { server, cloudWatch } = scene;
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  await kinesis.send(new CreateStreamCommand({ StreamName: 'sample', ShardCount: 1 }));
  await kinesis.send(
    new PutRecordCommand({ StreamName: 'sample', PartitionKey: '1', Data: Buffer.from('data') }),
  );
  kinesis.destroy();
  await server.restart();
  const latency = { ...query, MetricName: 'PutRecord.Latency', ...aroundNow() };
  const percentiles = { Statistics: undefined, ExtendedStatistics: ['p50', 'p99.9', 'PR(:1000000)'] };
  const { Datapoints: [known] = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({ ...latency, Statistics: ['Maximum', 'Minimum'] }),
  );
  const { Datapoints: [point] = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({ ...latency, ...percentiles }),
  );
  const { p50 = 0, 'p99.9': most = 0, 'PR(:1000000)': all } = point?.ExtendedStatistics ?? {};
  assert.equal(all, 100);
  assert.ok(known?.Minimum !== undefined && known.Maximum !== undefined);
  assert.ok(known.Minimum <= p50 && p50 <= most && most <= known.Maximum);
  assert.equal(point?.Unit, 'Milliseconds');
  assert.equal(point.Maximum, undefined);
});

test('invalid periods and times, missing and mixed statistics are refused', async () => {
  await using scene = await openScene();
  const wrong: readonly (readonly [Partial<GetMetricStatisticsCommandInput>, RegExp])[] = [
    [{ Period: 61 }, /Period/],
    [{ EndTime: query.StartTime }, /StartTime must be less/],
    [{ Statistics: undefined }, /Statistics/],
    [{ ExtendedStatistics: ['p99'] }, /cannot be specified together/],
    [
      { Statistics: undefined, ExtendedStatistics: ['p99', 'p101'] },
      /The value p101 for parameter ExtendedStatistics\.member\.2\.<list element> is not supported\./,
    ],
  ];
  for (const [changes, message] of wrong) {
    const command = new GetMetricStatisticsCommand({ ...query, ...changes });
    await assert.rejects(scene.cloudWatch.send(command), message);
  }
});
