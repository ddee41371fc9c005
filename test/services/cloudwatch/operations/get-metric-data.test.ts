import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetMetricDataCommand, type MetricDataQuery, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { openScene } from './scene.ts';

function queryOf(Id: string, Stat: string, changes: Partial<MetricDataQuery> = {}): MetricDataQuery {
  const Metric = { Namespace: 'App', MetricName: 'Latency' };
  return { Id, MetricStat: { Metric, Period: 60, Stat }, ...changes };
}

test('several statistics at once, newest first unless requested otherwise', async () => {
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

test('extended statistics are those of the values, to within 1.6 %; of statistic sets there are none', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 10 * 60_000;
  const at = (minute: number) => ({ MetricName: 'Latency', Timestamp: new Date(start + minute * 60_000) });
  const Values = Array.from({ length: 100 }, (_, index) => index + 1);
  const StatisticValues = { SampleCount: 2, Sum: 10, Minimum: 3, Maximum: 7 };
  const equal = { SampleCount: 3, Sum: 12, Minimum: 4, Maximum: 4 };
  const MetricData = [
    { ...at(0), Values },
    { ...at(1), Value: 12.5 },
    // Of equal samples all percentiles are known (CloudWatch's documentation, "Percentiles").
    { ...at(2), StatisticValues: equal },
    { ...at(3), StatisticValues },
    { ...at(4), Value: 1 },
    { ...at(4), StatisticValues },
  ];
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  const window = { StartTime: new Date(start), EndTime: new Date(start + 5 * 60_000) };
  const stats = ['p50', 'p99', 'p99.9', 'p100', 'p0', 'tm90', 'IQM', 'WM(10%:90%)'];
  const MetricDataQueries = stats.map((stat, index) => queryOf(`q${index}`, stat));
  const { MetricDataResults = [] } = await cloudWatch.send(
    new GetMetricDataCommand({ ...window, MetricDataQueries, ScanBy: 'TimestampAscending' }),
  );
  for (const [index, exact] of [50, 99, 100, 100, 1, 45.5, 50.5, 50.5].entries()) {
    const [hundred = 0, ...others] = MetricDataResults[index]?.Values ?? [];
    assert.ok(Math.abs(hundred - exact) <= exact / 64, `${stats[index]}: ${hundred}`);
    assert.deepEqual(others, [12.5, 4], stats[index]);
  }
});

test('metric math, unknown statistics and invalid ids are refused by name', async () => {
  await using scene = await openScene();
  const window = { StartTime: new Date(Date.now() - 60_000), EndTime: new Date() };
  const wrong: readonly (readonly [MetricDataQuery[], RegExp])[] = [
    [
      [{ Id: 'e', Expression: 'a / b' }],
      /nagare does not support Expression \(metric math and Metrics Insights\) yet/,
    ],
    // A Period there is for expressions; beside a MetricStat it could only contradict.
    [
      [{ ...queryOf('p', 'Sum'), Period: 3_600 }],
      /nagare does not support a Period beside that of the MetricStat yet/,
    ],
    // AWS's words, as public code that matches them quotes them.
    [
      [queryOf('a', 'Sum', { ReturnData: false }), queryOf('p', 'p101')],
      /The value p101 for parameter MetricDataQueries\.member\.2\.MetricStat\.Stat is not a valid statistic\./,
    ],
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

// LocalStack's test_label_generation and test_get_metric_data_with_zero_and_labels, recorded on AWS.
test('labels contain the statistic and the period in which queries of a metric differ', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
  const MetricData = [0, 2, 7, 100].map((Value) => ({
    MetricName: 'metric1',
    Value,
    Unit: 'Seconds' as const,
    Timestamp: new Date(start + 5_000),
  }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  const labels: [
    pairs: [string, number, string][],
    expected: [label: string, value: number | undefined][],
  ][] = [
    [
      [
        ['Sum', 60, 'Seconds'],
        ['Minimum', 30, 'Seconds'],
      ],
      [
        ['metric1 Sum 60', 109],
        ['metric1 Minimum 30', 0],
      ],
    ],
    [
      [
        ['Sum', 60, 'Seconds'],
        ['Minimum', 60, 'Seconds'],
      ],
      [
        ['metric1 Sum', 109],
        ['metric1 Minimum', 0],
      ],
    ],
    [
      [
        ['Sum', 60, 'Seconds'],
        ['Sum', 30, 'Seconds'],
      ],
      [
        ['metric1 60', 109],
        ['metric1 30', 109],
      ],
    ],
    [
      [
        ['Sum', 60, 'Seconds'],
        ['Sum', 60, 'Milliseconds'],
      ],
      [
        ['metric1', 109],
        ['metric1', undefined],
      ],
    ],
  ];
  const Metric = { Namespace: 'App', MetricName: 'metric1' };
  for (const [pairs, expected] of labels) {
    const MetricDataQueries = pairs.map(([Stat, Period, Unit], index) => ({
      Id: `m${index}`,
      MetricStat: { Metric, Stat, Period, Unit: Unit as 'Seconds' },
    }));
    const { MetricDataResults = [] } = await cloudWatch.send(
      new GetMetricDataCommand({
        MetricDataQueries,
        StartTime: new Date(start - 60_000),
        EndTime: new Date(start + 120_000),
      }),
    );
    assert.deepEqual(
      MetricDataResults.map(({ Label, Values }) => [Label, Values?.[0]]),
      expected,
    );
  }
});

// LocalStack's test_get_metric_data_pagination, recorded on AWS: it was an error that named a limit.
test('MaxDatapoints makes pages, across several queries without a gap', async () => {
  await using scene = await openScene();
  const { cloudWatch } = scene;
  const start = Math.floor(Date.now() / 60_000) * 60_000 - 30 * 60_000;
  const MetricData = Array.from({ length: 20 }, (_, minute) => ({
    MetricName: 'Latency',
    Timestamp: new Date(start + minute * 60_000),
    Value: minute,
  }));
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: 'App', MetricData }));
  const input = {
    StartTime: new Date(start),
    EndTime: new Date(start + 20 * 60_000),
    MetricDataQueries: [queryOf('a', 'Sum'), queryOf('b', 'Maximum')],
  };
  const newestFirst = Array.from({ length: 20 }, (_, minute) => 19 - minute);
  for (const MaxDatapoints of [7, 10, 20, 40]) {
    const read = new Map<string, number[]>();
    let pages = 0;
    let NextToken: string | undefined;
    do {
      const page = await cloudWatch.send(new GetMetricDataCommand({ ...input, MaxDatapoints, NextToken }));
      const results = page.MetricDataResults ?? [];
      const count = results.reduce((sum, { Values = [] }) => sum + Values.length, 0);
      assert(count <= MaxDatapoints && (count === MaxDatapoints || page.NextToken === undefined));
      for (const { Id = '', Values = [] } of results) read.set(Id, [...(read.get(Id) ?? []), ...Values]);
      ({ NextToken } = page);
      pages++;
    } while (NextToken !== undefined);
    assert.equal(pages, Math.ceil(40 / MaxDatapoints));
    assert.deepEqual(
      [...read],
      [
        ['a', newestFirst],
        ['b', newestFirst],
      ],
    );
  }
  const cut = await cloudWatch.send(new GetMetricDataCommand({ ...input, MaxDatapoints: 10 }));
  assert.deepEqual(
    cut.MetricDataResults?.map(({ StatusCode }) => StatusCode),
    ['PartialData'],
  );
  for (const NextToken of ['none', 'e30']) {
    await assert.rejects(cloudWatch.send(new GetMetricDataCommand({ ...input, NextToken })), /next token/);
  }
});
