import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { consoleLimits } from '../../src/console/limits.ts';
import { periodOf } from '../../src/console/metric-series.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { ConsoleClient, type EventClient } from './client.ts';

interface Series {
  readonly from: number;
  readonly periodSeconds: number;
  readonly series: readonly (readonly (number | null)[])[];
}

describe('the charts of stored metrics', () => {
  let server: TestServer;
  let console: ConsoleClient;
  let client: CloudWatchClient;

  before(async () => {
    server = await startTestServer();
    console = new ConsoleClient(server.endpoint);
    client = new CloudWatchClient(clientOptions(server.endpoint));
  });
  after(async () => {
    client.destroy();
    await server.close();
  });

  const metric = { namespace: 'shop', name: 'lag', dimensions: { Stream: 'orders' }, statistic: 'Maximum' };

  async function put(Value: number, timeMs: number): Promise<void> {
    const Dimensions = [{ Name: 'Stream', Value: 'orders' }];
    const Timestamp = new Date(timeMs);
    const MetricData = [{ MetricName: 'lag', Dimensions, Value, Timestamp, StorageResolution: 1 }];
    await client.send(new PutMetricDataCommand({ Namespace: 'shop', MetricData }));
  }

  test('have regular times, and nothing where there is no value', async () => {
    const now = Date.now();
    await put(5, now - 30 * 60_000);
    await put(7, now - 90 * 60_000);
    await using events = await console.events();
    const unknown = { ...metric, name: 'unknown' };
    const { from, periodSeconds, series } = await seriesOf(events, 'a', {
      metrics: [metric, unknown],
      rangeSeconds: 3 * 3600,
    });
    assert.equal(periodSeconds, 60);
    assert.equal(from % 60, 0);
    assert.deepEqual(
      series.map(({ length }) => length),
      [180, 180],
    );
    const values = series[0]?.flatMap((value, at) => (value === null ? [] : [[at, value]])) ?? [];
    assert.deepEqual(
      values.map(([, value]) => value),
      [7, 5],
    );
    assert.equal((values[1]?.[0] ?? 0) - (values[0]?.[0] ?? 0), 60, 'an hour lies between them');
    assert.ok(series[1]?.every((value) => value === null));
  });

  test('are pushed again when there is a new value', async () => {
    await using events = await console.events();
    const request = { metrics: [metric], rangeSeconds: 600, periodSeconds: 1 };
    await seriesOf(events, 'a', request);
    await put(11, Date.now());
    await events.first('a', (message) => JSON.stringify(message['series']).includes('11'));
  });

  test('go back for weeks', async () => {
    await put(3, Date.now() - 10 * 86_400_000);
    await using events = await console.events();
    const { series } = await seriesOf(events, 'a', { metrics: [metric], rangeSeconds: 28 * 86_400 });
    const [values = []] = series;
    assert.ok(values.length <= consoleLimits.chartPointsMax);
    assert.equal(
      values.find((value) => value !== null),
      3,
    );
  });

  test('are bounded', async () => {
    await using events = await console.events();
    for (const [sub, request] of Object.entries({
      none: { metrics: [] },
      many: { metrics: Array.from({ length: consoleLimits.chartMetricsMax + 1 }, () => metric) },
      long: { metrics: [metric], rangeSeconds: consoleLimits.chartRangeSecondsMax + 1 },
      uneven: { metrics: [metric], periodSeconds: 7 },
      wrong: { metrics: [{ ...metric, statistic: 7 }] },
    })) {
      const { content } = await events.subscribe(sub, { topic: 'metrics', ...request });
      assert.match(JSON.stringify(content), /BadRequest/, sub);
    }
  });
});

test('the period of a chart is one that is kept for its range, and bounds its points', () => {
  for (const [rangeSeconds, periodSeconds, expected] of [
    [3_600, 0, 10],
    [3 * 3_600, 0, 60],
    [86_400, 0, 300],
    [28 * 86_400, 0, 6 * 3600],
    [consoleLimits.chartRangeSecondsMax, 0, 48 * 3600],
    [3 * 3_600, 60, 60],
    [3_600, 10, 10],
    // Seconds are kept for three hours.
    [12 * 3_600, 10, 120],
    [3_600, 1, 10],
    [3 * 3_600, 20, 60],
    [7 * 86_400, 300, 1_800],
  ] as const) {
    assert.equal(periodOf({ rangeSeconds, periodSeconds }), expected, `${rangeSeconds} ${periodSeconds}`);
  }
});

async function seriesOf(events: EventClient, sub: string, request: object): Promise<Series> {
  await events.subscribe(sub, { topic: 'metrics', ...request });
  return await events.firstWith<Series>(sub, 'series');
}
