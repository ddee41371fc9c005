import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { openScene } from './scene.ts';

function queryOf(Id: string, Stat: string, changes: Partial<MetricDataQuery> = {}): MetricDataQuery {
  const Metric = { Namespace: 'App', MetricName: 'Latency' };
  return { Id, MetricStat: { Metric, Period: 60, Stat }, ...changes };
}

test('several statistics at once, newest first unless asked otherwise', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 10 * 60_000;
  const MetricData = [3, 5, 9].map((Value, minute) => ({
    MetricName: 'Latency',
    Timestamp: new Date(start + minute * 60_000),
    Value,
  }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  const window = { StartTime: new Date(start), EndTime: new Date(start + 3 * 60_000) };
  const MetricDataQueries = [queryOf('a', 'Sum'), queryOf('b', 'Average', { Label: 'mean' })];
  const { MetricDataResults: [a, b] = [] } = await cloudWatch.send(
    new GetMetricDataCommand({ ...window, MetricDataQueries }),
  );
  assert.deepEqual(a?.Values, [9, 5, 3]);
  assert.deepEqual(
    a.Timestamps?.map((time) => (time.getTime() - start) / 60_000),
    [2, 1, 0],
  );
  assert.deepEqual([a.Id, a.Label, a.StatusCode], ['a', 'Latency', 'Complete']);
  assert.equal(b?.Label, 'mean');
  const ascending = await cloudWatch.send(
    new GetMetricDataCommand({ ...window, MetricDataQueries, ScanBy: 'TimestampAscending' }),
  );
  assert.deepEqual(ascending.MetricDataResults?.[0]?.Values, [3, 5, 9]);
});

test('metric math, percentiles and ids that are none are refused by name', async () => {
  await using scene = await openScene();
  const window = { StartTime: new Date(Date.now() - 60_000), EndTime: new Date() };
  const wrong: readonly (readonly [MetricDataQuery[], RegExp])[] = [
    [
      [{ Id: 'e', Expression: 'a / b' }],
      /nagare does not support Expression \(metric math and Metrics Insights\) yet/,
    ],
    [[queryOf('p', 'p99')], /nagare does not support the statistic p99 yet/],
    [[queryOf('Upper', 'Sum')], /Upper/],
    [[queryOf('a', 'Sum'), queryOf('a', 'Sum')], /more than once/],
  ];
  for (const [MetricDataQueries, message] of wrong) {
    await assert.rejects(
      scene.cloudWatch.send(new GetMetricDataCommand({ ...window, MetricDataQueries })),
      message,
    );
  }
});
