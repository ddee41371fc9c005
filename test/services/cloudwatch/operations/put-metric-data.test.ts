import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Datapoint,
  GetMetricStatisticsCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { aroundNow, errorNamed, openScene, type Scene } from './scene.ts';

async function statisticsAfter(scene: Scene, datum: Partial<MetricDatum>): Promise<Datapoint> {
  const { cloudWatch } = scene;
  const metric = { Namespace: 'App', MetricName: 'Latency' };
  await cloudWatch.send(
    new PutMetricDataCommand({ Namespace: 'App', MetricData: [{ MetricName: 'Latency', ...datum }] }),
  );
  const { Datapoints = [], Label } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      ...metric,
      ...aroundNow(),
      Period: 600,
      Statistics: ['Sum', 'SampleCount', 'Minimum', 'Maximum', 'Average'],
    }),
  );
  assert.equal(Label, 'Latency');
  assert.equal(Datapoints.length, 1);
  const [{ Timestamp: _, ...datapoint } = {}] = Datapoints;
  return datapoint;
}

test('a value is visible immediately after the put', async () => {
  await using scene = await openScene();
  assert.deepEqual(await statisticsAfter(scene, { Value: 2.5, Unit: 'Milliseconds' }), {
    Sum: 2.5,
    SampleCount: 1,
    Minimum: 2.5,
    Maximum: 2.5,
    Average: 2.5,
    Unit: 'Milliseconds',
  });
});

test('values count as often as their counts say', async () => {
  await using scene = await openScene();
  assert.deepEqual(await statisticsAfter(scene, { Values: [1, 10], Counts: [3, 1] }), {
    Sum: 13,
    SampleCount: 4,
    Minimum: 1,
    Maximum: 10,
    Average: 3.25,
    Unit: 'None',
  });
});

test('a statistic set is merged with existing samples', async () => {
  await using scene = await openScene();
  await statisticsAfter(scene, { Value: 100 });
  const StatisticValues = { SampleCount: 4, Sum: 20, Minimum: 2, Maximum: 8 };
  assert.deepEqual(await statisticsAfter(scene, { StatisticValues }), {
    Sum: 120,
    SampleCount: 5,
    Minimum: 2,
    Maximum: 100,
    Average: 24,
    Unit: 'None',
  });
});

test('a large compressed body is accepted', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const MetricData = Array.from({ length: 1000 }, (_, number) => ({
    MetricName: 'Many',
    Dimensions: [{ Name: 'Number', Value: `${number}`.padStart(20, '0') }],
    Value: number,
  }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  const { Datapoints } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'App',
      MetricName: 'Many',
      Dimensions: [{ Name: 'Number', Value: '999'.padStart(20, '0') }],
      ...aroundNow(),
      Period: 600,
      Statistics: ['Sum'],
    }),
  );
  assert.equal(Datapoints?.[0]?.Sum, 999);
});

// AWS takes both (moto's tests): the statistics that are told outright are kept.
test('Values beside StatisticValues are accepted', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const StatisticValues = { SampleCount: 10, Sum: 55, Minimum: 1, Maximum: 10 };
  const MetricData = [{ MetricName: 'z', Values: [1, 10], StatisticValues }];
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  const { Datapoints } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'App',
      MetricName: 'z',
      ...aroundNow(),
      Period: 60,
      Statistics: ['Sum', 'SampleCount'],
    }),
  );
  assert.deepEqual([Datapoints?.[0]?.Sum, Datapoints?.[0]?.SampleCount], [55, 10]);
});

const refused: readonly (readonly [string, Partial<MetricDatum>, string, RegExp])[] = [
  ['no value at all', {}, 'MissingRequiredParameterException', /MetricData\.member\.1\.Value/],
  [
    'two kinds of values',
    { Value: 1, Values: [1] },
    'InvalidParameterCombinationException',
    /mutually exclusive/,
  ],
  [
    'values and counts of different lengths',
    { Values: [1, 2], Counts: [1] },
    'InvalidParameterValueException',
    /same size/,
  ],
  ['a count of nothing', { Values: [1], Counts: [0] }, 'InvalidParameterValueException', /Counts\.member\.1/],
  [
    'too many values',
    { Values: Array.from({ length: 151 }, () => 1) },
    'InvalidParameterValueException',
    /150/,
  ],
  ['a value that is none', { Value: Number.NaN }, 'InvalidParameterValueException', /NaN/],
  [
    'a resolution of five seconds',
    { Value: 1, StorageResolution: 5 },
    'InvalidParameterValueException',
    /StorageResolution/,
  ],
  [
    'a time three weeks ago',
    { Value: 1, Timestamp: new Date(Date.now() - 21 * 86_400_000) },
    'InvalidParameterValueException',
    /two weeks/,
  ],
  [
    'a time three hours from now',
    { Value: 1, Timestamp: new Date(Date.now() + 3 * 3_600_000) },
    'InvalidParameterValueException',
    /two hours/,
  ],
];

test('an invalid datum is reported', async () => {
  await using scene = await openScene();
  for (const [what, datum, name, message] of refused) {
    const command = new PutMetricDataCommand({
      Namespace: 'App',
      MetricData: [{ MetricName: 'M', ...datum }],
    });
    await assert.rejects(scene.cloudWatch.send(command), errorNamed(name, message), what);
  }
});

test('entities are refused by name', async () => {
  await using scene = await openScene();
  const command = new PutMetricDataCommand({ Namespace: 'App', EntityMetricData: [] });
  await assert.rejects(scene.cloudWatch.send(command), /nagare does not support EntityMetricData yet/);
});
