import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import {
  type MetricPipeline,
  openMetricPipeline,
} from '../../../../src/services/cloudwatch/metrics/pipeline.ts';
import { Collector } from '../../../../src/services/cloudwatch/metrics/collector.ts';
import type { MetricSample } from '../../../../src/services/cloudwatch/metrics/metric-store.ts';
import { metricKey } from '../../../../src/services/cloudwatch/metrics/metric-identity.ts';
import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import { cloudWatchLimits } from '../../../../src/services/cloudwatch/limits.ts';
import { MetricRegistry } from '../../../../src/metrics.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { temporaryFolder } from '../../../support/server.ts';
import { incomingRecords, midnight, MINUTE_MS } from '../world.ts';

const key = metricKey(incomingRecords);

interface Kept {
  readonly engine: Engine;
  readonly keeper: MetricPipeline;
  readonly metrics: MetricRegistry;
  close(this: void): Promise<void>;
}

async function open(clock: ManualClock, folder: string): Promise<Kept> {
  const engine = await openEmbeddedEngine({ folder, clock, log: silentLog });
  const metrics = new MetricRegistry();
  const keeper = await openMetricPipeline({ engine, clock, metrics, log: silentLog });
  return {
    engine,
    keeper,
    metrics,
    async close() {
      await keeper.close();
      await engine.close();
    },
  };
}

async function sums({ keeper }: Kept): Promise<(readonly [number, number])[]> {
  const query = { key, unit: undefined, periodSeconds: 60, startMs: midnight };
  const found = await keeper.store.query({ ...query, endMs: midnight + 10 * MINUTE_MS });
  return found.map(({ beginMs, set }) => [(beginMs - midnight) / MINUTE_MS, set.sum]);
}

test('samples belong to the minute in which they were counted', async () => {
  const clock = new ManualClock(midnight);
  const kept = await open(clock, await temporaryFolder());
  const samples = kept.metrics.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: 'sample' });
  clock.advance(59_500);
  samples.add(3);
  clock.advance(500);
  samples.add(4);
  clock.advance(1_000);
  await kept.keeper.collect();
  assert.deepEqual(await sums(kept), [
    [0, 3],
    [1, 4],
  ]);
  await kept.close();
});

// It was a warning each second, for as long as the disk was full.
test('a failure to store metrics is logged when it starts, when it changes, and when it is over', async () => {
  const clock = new ManualClock(midnight);
  const metrics = new MetricRegistry();
  const samples = metrics.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: 'sample' });
  const lines: string[] = [];
  const note = (line: unknown): void => void lines.push(String(line));
  let failure: Error | undefined = new Error('no space left on the disk');
  let stored = 0;
  const store = {
    async add(added: readonly MetricSample[]): Promise<void> {
      if (failure !== undefined) throw failure;
      stored += added.reduce((sum, { set }) => sum + set.sum, 0);
    },
  };
  const collector = new Collector(metrics, store, clock, { ...silentLog, warn: note, info: note });
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) {
      samples.add(1);
      clock.advance(1000);
      await collector.collect();
    }
  };
  await rounds(5);
  const said = 'could not store metrics; retrying every few seconds:';
  assert.deepEqual(lines, [`${said} no space left on the disk`]);
  failure = new Error('the disk refused a write');
  await rounds(5);
  assert.deepEqual(lines.slice(1), [`${said} the disk refused a write`]);
  failure = undefined;
  await rounds(2);
  assert.deepEqual(lines.slice(2), ['metrics are stored again']);
  assert.equal(stored, 12);
  await collector.close();
});

test('an orderly shutdown loses nothing', async () => {
  const clock = new ManualClock(midnight);
  const folder = await temporaryFolder();
  const kept = await open(clock, folder);
  const samples = kept.metrics.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: 'sample' });
  clock.advance(30_000);
  samples.add(5);
  await kept.close();
  const again = await open(clock, folder);
  assert.deepEqual(await sums(again), [[0, 5]]);
  await again.close();
});

test('several collectors of one metric add up', async () => {
  const clock = new ManualClock(midnight);
  const kept = await open(clock, await temporaryFolder());
  for (let shard = 0; shard < 4; shard++) {
    const samples = kept.metrics.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: 'sample' });
    samples.add(shard);
  }
  clock.advance(1_000);
  await kept.keeper.collect();
  assert.deepEqual(await sums(kept), [[0, 6]]);
  await kept.close();
});

test('thousands of unused metrics cost nothing, and thousands of active ones are collected less often', async () => {
  const clock = new ManualClock(midnight);
  const kept = await open(clock, await temporaryFolder());
  const many = Array.from({ length: cloudWatchLimits.metricSamplesPerSecond + 1 }, (_, number) =>
    kept.metrics.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: `stream-${number}` }),
  );
  clock.advance(1_000);
  await kept.keeper.collect();
  assert.equal(kept.keeper.store.rows.size, 0);
  for (const samples of many) samples.add(1);
  await kept.keeper.collect();
  assert.equal(kept.keeper.store.rows.size, many.length);
  // The round under way was scheduled before; the next one is two seconds later.
  clock.advance(1_000);
  await kept.keeper.collect();
  many[0]?.add(1);
  clock.advance(1_000 - 1);
  assert.equal(many[0]?.sampleCount, 1);
  await kept.close();
});

test('samples that a full disk refused are stored when there is space', async () => {
  const clock = new ManualClock(midnight);
  const kept = await open(clock, await temporaryFolder());
  const samples = kept.metrics.metric('AWS/Kinesis', 'IncomingRecords', 'Count', { StreamName: 'sample' });
  const append = mock.method(kept.engine, 'append', () => Promise.reject(new Error('no space left')));
  samples.add(7);
  clock.advance(1_000);
  await kept.keeper.collect();
  assert.deepEqual(await sums(kept), []);
  append.mock.restore();
  await kept.keeper.collect();
  assert.deepEqual(await sums(kept), [[0, 7]]);
  await kept.close();
});
