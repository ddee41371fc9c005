import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ListMetricsCommand,
  type ListMetricsCommandInput,
  paginateListMetrics,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { openScene } from './scene.ts';

test('metrics are listed by namespace, name and dimensions', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const Dimensions = [
    { Name: 'Host', Value: 'a' },
    { Name: 'Disk', Value: '1' },
  ];
  const MetricData = [
    { MetricName: 'Latency', Value: 1 },
    { MetricName: 'Latency', Dimensions, Value: 1 },
    { MetricName: 'Errors', Value: 1 },
  ];
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'Apples', MetricData }));
  const names = async (input: ListMetricsCommandInput): Promise<string[]> => {
    const { Metrics = [] } = await cloudWatch.send(new ListMetricsCommand(input));
    return Metrics.map((metric) => `${metric.Namespace} ${metric.MetricName} ${metric.Dimensions?.length}`);
  };
  assert.deepEqual(await names({ Namespace: 'App' }), ['App Errors 0', 'App Latency 2', 'App Latency 0']);
  assert.deepEqual(await names({ Namespace: 'App', MetricName: 'Errors' }), ['App Errors 0']);
  const host = { Namespace: 'App', Dimensions: [{ Name: 'Host' }] };
  assert.deepEqual(await names(host), ['App Latency 2']);
  assert.deepEqual(await names({ ...host, Dimensions: [{ Name: 'Host', Value: 'b' }] }), []);
  assert.equal((await names({ RecentlyActive: 'PT3H', Namespace: 'Apples' })).length, 3);
});

test('more than a page of metrics is listed completely, each once', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const MetricData = Array.from({ length: 700 }, (_, number) => ({ MetricName: `m${number}`, Value: 1 }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  const names = new Set<string | undefined>();
  const pages: number[] = [];
  for await (const { Metrics = [] } of paginateListMetrics({ client: cloudWatch }, { Namespace: 'App' })) {
    pages.push(Metrics.length);
    for (const { MetricName } of Metrics) names.add(MetricName);
  }
  assert.deepEqual(pages, [500, 200]);
  assert.equal(names.size, 700);
});

test('an invalid token is refused', async () => {
  await using scene = await openScene();
  const command = new ListMetricsCommand({ NextToken: 'nonsense' });
  await assert.rejects(scene.cloudWatch.send(command), /next token/i);
});
