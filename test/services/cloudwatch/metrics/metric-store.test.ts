import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricKey } from '../../../../src/services/cloudwatch/metrics/metric-identity.ts';
import { type MetricStore, sampleOf } from '../../../../src/services/cloudwatch/metrics/metric-store.ts';
import { cloudWatchLimits } from '../../../../src/services/cloudwatch/limits.ts';
import { parseStatistic } from '../../../../src/services/cloudwatch/metrics/statistic.ts';
import { incomingRecords, MINUTE_MS, World } from '../world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const key = metricKey(incomingRecords);

async function sums(
  store: MetricStore,
  startMs: number,
  endMs: number,
  periodSeconds = 60,
): Promise<(readonly [number, number])[]> {
  const datapoints = await store.query({ key, unit: undefined, periodSeconds, startMs, endMs });
  return datapoints.map(({ beginMs, set }) => [(beginMs - startMs) / 1000, set.sum]);
}

test('samples of a minute are merged into one statistic set', async () => {
  await using world = await World.unwatched();
  const start = world.clock.now();
  await world.add([1, 2]);
  world.clock.advance(59_000);
  await world.add([9]);
  world.clock.advance(1_000);
  await world.add([4]);
  const [first, second, ...rest] = await world.store.query({
    key,
    unit: 'Count',
    periodSeconds: 60,
    startMs: start,
    endMs: start + 2 * MINUTE_MS,
  });
  assert.partialDeepStrictEqual(first, {
    beginMs: start,
    unit: 'Count',
    set: { sampleCount: 3, sum: 12, minimum: 1, maximum: 9 },
  });
  assert.equal(second?.set.sum, 4);
  assert.deepEqual(rest, []);
});

test('dimensions are compared regardless of their order', () => {
  const a = { name: 'A', value: '1' };
  const b = { name: 'B', value: '2' };
  const metric = { namespace: 'N', name: 'M' };
  assert.equal(metricKey({ ...metric, dimensions: [a, b] }), metricKey({ ...metric, dimensions: [b, a] }));
});

test('samples survive a restart', async () => {
  const world = await World.unwatched();
  const start = world.clock.now();
  await world.add([1, 2, 3]);
  await using again = await world.reopened();
  assert.deepEqual(await sums(again.store, start, start + MINUTE_MS), [[0, 6]]);
});

test('samples moved to blocks count once, before and after a restart', async () => {
  const world = await World.unwatched();
  const start = world.clock.now();
  for (let minute = 0; minute < 90; minute++) {
    await world.add([1]);
    world.clock.advance(MINUTE_MS);
  }
  await world.until(() => world.store.lastSampleMs(key) > 0, 'the hourly move');
  const expected = Array.from({ length: 90 }, (_, minute) => [minute * 60, 1]);
  assert.deepEqual(await sums(world.store, start, start + 90 * MINUTE_MS), expected);
  await using again = await world.reopened();
  assert.deepEqual(await sums(again.store, start, start + 90 * MINUTE_MS), expected);
  assert.deepEqual(await sums(again.store, start, start + 90 * MINUTE_MS, 1800), [
    [0, 30],
    [1800, 30],
    [3600, 30],
  ]);
});

test('distributions survive a restart and the move to blocks, in all periods', async () => {
  const world = await World.unwatched();
  const start = world.clock.now();
  for (let minute = 0; minute < 90; minute++) {
    await world.add([minute, -minute, 1e9]);
    world.clock.advance(MINUTE_MS);
  }
  await world.until(() => world.store.lastSampleMs(key) > 0, 'the hourly move');
  const range = { key, unit: undefined, startMs: start, endMs: start + 90 * MINUTE_MS };
  const median = parseStatistic('p50');
  const mediansOf = async (store: MetricStore, periodSeconds: number) =>
    (await store.query({ ...range, periodSeconds })).map(({ set }) => median?.valueOf(set));
  const before = await mediansOf(world.store, 60);
  assert.ok(before.every((median, minute) => Math.abs((median ?? NaN) - minute) <= minute / 16 + 1));
  const long = await mediansOf(world.store, 1800);
  assert.equal(long.length, 3);
  await using again = await world.reopened();
  assert.deepEqual(await mediansOf(again.store, 60), before);
  assert.deepEqual(await mediansOf(again.store, 1800), long);
});

test('late samples are added to their minute', async () => {
  await using world = await World.unwatched();
  const start = world.clock.now();
  await world.add([1]);
  world.clock.advance(2 * HOUR_MS);
  await world.add([5], start);
  world.clock.advance(2 * HOUR_MS);
  await world.add([7], start);
  assert.deepEqual(await sums(world.store, start, start + MINUTE_MS), [[0, 13]]);
});

test('samples for the next two hours are found when their time has come', async () => {
  await using world = await World.unwatched();
  const then = world.clock.now() + cloudWatchLimits.metricFutureMs - MINUTE_MS;
  await world.add([3], then);
  world.clock.advance(cloudWatchLimits.metricFlushIntervalMs);
  await world.add([1]);
  world.clock.advance(HOUR_MS);
  assert.deepEqual(await sums(world.store, then, then + MINUTE_MS), [[0, 3]]);
});

test('units are separate', async () => {
  await using world = await World.unwatched();
  const startMs = world.clock.now();
  await world.add([1]);
  await world.add([2], startMs, { unit: 'Bytes' });
  const query = { key, periodSeconds: 60, startMs, endMs: startMs + MINUTE_MS };
  const all = await world.store.query({ ...query, unit: undefined });
  assert.deepEqual(
    all.map(({ unit, set }) => [unit, set.sum]),
    [
      ['Bytes', 2],
      ['Count', 1],
    ],
  );
  const bytes = await world.store.query({ ...query, unit: 'Bytes' });
  assert.deepEqual(
    bytes.map(({ set }) => set.sum),
    [2],
  );
});

test('minutes are kept for 15 days, five minutes for 63 days, hours for 455 days', async () => {
  await using world = await World.unwatched();
  const start = world.clock.now();
  await world.add([1]);
  world.clock.advance(HOUR_MS);
  await world.add([1]);
  const queried = async (periodSeconds: number): Promise<number> =>
    (await sums(world.store, start, start + MINUTE_MS, periodSeconds)).length;
  const after = async (days: number): Promise<readonly number[]> => {
    world.clock.advance(start + days * DAY_MS + 2 * HOUR_MS - world.clock.now());
    // Another sample lets the store sweep.
    await world.add([1]);
    return [await queried(60), await queried(300), await queried(3600)];
  };
  assert.deepEqual(await after(14), [1, 1, 1]);
  assert.deepEqual(await after(16), [0, 1, 1]);
  assert.deepEqual(await after(62), [0, 1, 1]);
  assert.deepEqual(await after(64), [0, 0, 1]);
  assert.deepEqual(await after(454), [0, 0, 1]);
  assert.deepEqual(await after(456), [0, 0, 0]);
});

test('samples older than their tier are removed from disk', async () => {
  await using world = await World.unwatched();
  await world.add([1]);
  for (let day = 0; day < 20; day++) {
    world.clock.advance(DAY_MS);
    await world.add([1]);
  }
  const row = world.store.rows.get(key);
  assert.ok(row !== undefined);
  const { engine } = world;
  await world.until(() => engine.bounds(row.logs.minute).firstIndex > 0, 'the sweep');
  assert.equal(engine.bounds(row.logs.fiveMinutes).firstIndex, 0);
});

test('a metric without samples is removed', async () => {
  await using world = await World.unwatched();
  await world.add([1]);
  world.clock.advance(HOUR_MS);
  await world.add([1]);
  const other = { ...incomingRecords, name: 'IncomingBytes' };
  world.clock.advance(cloudWatchLimits.metricHourRetentionMs + DAY_MS);
  await world.store.add([
    {
      metric: other,
      key: metricKey(other),
      timeMs: world.clock.now(),
      unit: 'Bytes',
      set: { sampleCount: 1, sum: 1, minimum: 1, maximum: 1 },
      highResolution: false,
    },
  ]);
  await world.until(() => world.store.rows.get(key) === undefined, 'the sweep');
  assert.ok(world.store.rows.get(metricKey(other)) !== undefined);
});

// The sweep went by rows alone, dropped the logs of the metric, and no move succeeded after that.
test('a metric without samples for years is kept if one arrives while others move', async () => {
  await using world = await World.unwatched();
  const { clock, store } = world;
  await world.add([1]);
  clock.advance(HOUR_MS);
  await world.add([1]);
  clock.advance(cloudWatchLimits.metricHourRetentionMs + DAY_MS);
  const other = { ...incomingRecords, name: 'IncomingBytes' };
  const set = { sampleCount: 1, sum: 1, minimum: 1, maximum: 1 };
  const sample = sampleOf(other, { timeMs: clock.now(), unit: 'Bytes', set, highResolution: false });
  const start = clock.now();
  await Promise.all([store.add([sample]), world.add([5])]);
  clock.advance(HOUR_MS);
  await store.add([sample]);
  await world.until(() => (store.rows.get(key)?.lastMs ?? 0) >= start, 'the move');
  assert.deepEqual(await sums(store, start, start + MINUTE_MS), [[0, 5]]);
});

test('high-resolution samples are kept by the second for three hours', async () => {
  await using world = await World.unwatched();
  const start = world.clock.now();
  for (let second = 0; second < 20; second++) {
    await world.add([1], start + second * 1000, { highResolution: true });
  }
  assert.deepEqual(await sums(world.store, start, start + MINUTE_MS, 10), [
    [0, 10],
    [10, 10],
  ]);
  world.clock.advance(3 * HOUR_MS + MINUTE_MS);
  assert.deepEqual(await sums(world.store, start, start + MINUTE_MS, 10), []);
  assert.deepEqual(await sums(world.store, start, start + MINUTE_MS, 60), [[0, 20]]);
});

// AWS has the datapoint (LocalStack's test_label_generation); it was an empty series.
test('samples of a minute are in one period under a minute', async () => {
  await using world = await World.unwatched();
  const start = world.clock.now();
  await world.add([1, 2], start + 45_000);
  await world.add([5], start + MINUTE_MS + 20_000, { highResolution: true });
  const expected = [
    [0, 3],
    [80, 5],
  ];
  assert.deepEqual(await sums(world.store, start, start + 2 * MINUTE_MS, 10), expected);
  await using again = await world.reopened();
  assert.deepEqual(await sums(again.store, start, start + 2 * MINUTE_MS, 10), expected);
});

test('many metrics put concurrently stay separate', async () => {
  const world = await World.unwatched();
  const startMs = world.clock.now();
  const metrics = Array.from({ length: 300 }, (_, number) => ({
    ...incomingRecords,
    dimensions: [{ name: 'StreamName', value: `stream-${number}` }],
  }));
  await Promise.all(
    metrics.map((metric, number) => {
      const set = { sampleCount: 1, sum: number, minimum: number, maximum: number };
      const sample = { metric, key: metricKey(metric), timeMs: startMs, unit: 'Count', set };
      return world.store.add([{ ...sample, highResolution: false }]);
    }),
  );
  await using again = await world.reopened();
  for (const [number, metric] of metrics.entries()) {
    const query = { key: metricKey(metric), unit: undefined, periodSeconds: 60, startMs };
    const [datapoint] = await again.store.query({ ...query, endMs: startMs + MINUTE_MS });
    assert.equal(datapoint?.set.sum, number);
  }
});

test('a hand-over in the middle of a move does not wait for its end, and each sample counts once', async () => {
  const world = await World.unwatched();
  const startMs = world.clock.now();
  const metrics = Array.from({ length: cloudWatchLimits.metricsMovedAtOnce * 3 }, (_, number) => ({
    ...incomingRecords,
    dimensions: [{ name: 'StreamName', value: `stream-${number}` }],
  }));
  const put = async (timeMs: number): Promise<void> => {
    const set = { sampleCount: 1, sum: 1, minimum: 1, maximum: 1 };
    const rest = { timeMs, unit: 'Count', set, highResolution: false };
    await world.store.add(metrics.map((metric) => ({ ...rest, metric, key: metricKey(metric) })));
  };
  await put(startMs);
  const { engine, store } = world;
  const append = engine.append.bind(engine);
  let moves = 0;
  engine.append = async (request) => {
    // A page of samples is one batch.
    if (request.batches.length > 1 && ++moves === 1) store.stopMoving();
    return await append(request);
  };
  world.clock.advance(2 * HOUR_MS);
  await put(world.clock.now());
  await put(world.clock.now());
  await using again = await world.reopened();
  assert.equal(moves, 1);
  for (const metric of metrics) {
    const query = { key: metricKey(metric), unit: undefined, periodSeconds: 60, startMs };
    const found = await again.store.query({ ...query, endMs: startMs + 3 * HOUR_MS });
    assert.deepEqual(
      found.map(({ set }) => set.sum),
      [1, 2],
    );
  }
});
