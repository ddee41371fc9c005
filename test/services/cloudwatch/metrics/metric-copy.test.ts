import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { diskOf, openStore } from '../../../../src/engine/embedded/open.ts';
import { readOnly } from '../../../../src/engine/read-only-engine.ts';
import { MetricCopy } from '../../../../src/services/cloudwatch/metrics/metric-copy.ts';
import { metricKey } from '../../../../src/services/cloudwatch/metrics/metric-identity.ts';
import type { MetricReads } from '../../../../src/services/cloudwatch/metrics/metric-query.ts';
import { MetricStore, sampleOf } from '../../../../src/services/cloudwatch/metrics/metric-store.ts';
import { addSample, emptySet } from '../../../../src/services/cloudwatch/metrics/statistic-set.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { Random } from '../../../engine/simulation/random.ts';
import { removeFolder, temporaryFolder } from '../../../support/temporary-folder.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const names = ['a', 'b', 'c'].map((name) => ({ namespace: 'test', name, dimensions: [] }));

/** The metrics of an owner, and those of a machine that has everything that the owner has committed. */
async function both(context: TestContext) {
  const folder = await temporaryFolder();
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const options = { folder: join(folder, 'engine'), clock, log: silentLog };
  const { engine, watch } = await openStore(await diskOf(options), options, undefined);
  const copy = new MetricCopy(readOnly(engine), clock, watch);
  const owner = await MetricStore.open(engine, clock, silentLog);
  context.after(async () => {
    copy.close();
    await owner.close();
    await engine.close();
    await removeFolder(folder);
  });
  const startMs = clock.now();
  const add = (index: number, value: number, highResolution = false): Promise<void> => {
    const metric = names[index];
    assert(metric !== undefined);
    const set = emptySet();
    addSample(set, value);
    return owner.add([sampleOf(metric, { timeMs: clock.now(), unit: 'Count', set, highResolution })]);
  };
  const query = (reads: MetricReads, index: number, periodSeconds: number) => {
    const metric = names[index];
    assert(metric !== undefined);
    const endMs = clock.now() + MINUTE_MS;
    return reads.query({ key: metricKey(metric), unit: undefined, periodSeconds, startMs, endMs });
  };
  return { owner, copy, clock, add, query };
}

async function listed(reads: MetricReads): Promise<(readonly [string, number])[]> {
  await reads.upToDate();
  return Array.from(reads.rows.entries(), ([key]) => [key, reads.lastSampleMs(key)] as const);
}

test('a copy of the metrics is as the owner has them, however long nothing was read, through moves and removals', async (context) => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  context.diagnostic(`seed ${seed}`);
  const random = new Random(seed);
  const { owner, copy, clock, add, query } = await both(context);
  for (let step = 0; step < 80; step++) {
    await add(random.below(2), random.below(100), random.below(2) === 0);
    if (random.below(4) === 0) clock.advance(random.below(90) * MINUTE_MS);
    // The metric that nobody adds to any more is removed.
    if (step === 0) await add(2, 1);
    if (step === 40) clock.advance(500 * 24 * HOUR_MS);
    if (random.below(4) > 0) continue;
    for (const index of names.keys())
      for (const periodSeconds of [10, 60, 3600])
        assert.deepEqual(
          await query(copy, index, periodSeconds),
          await query(owner, index, periodSeconds),
          `step ${step}, metric ${index}, period ${periodSeconds}`,
        );
    assert.deepEqual(await listed(copy), await listed(owner));
  }
  assert.equal(owner.rows.size, 2);
});

test('a query during writes and moves counts each sample once, and every one that was acknowledged before it', async (context) => {
  const { copy, clock, add, query } = await both(context);
  let [sent, acknowledged, queries] = [0, 0, 0];
  const over = new AbortController();
  const read = async (): Promise<void> => {
    while (!over.signal.aborted) {
      await setImmediate();
      const before = acknowledged;
      const count = (await query(copy, 0, 3600)).reduce((sum, { set }) => sum + set.sampleCount, 0);
      assert(before <= count && count <= sent, `${before} <= ${count} <= ${sent}`);
      queries++;
    }
  };
  const reading = Promise.all([read(), read(), read()]);
  for (let round = 0; round < 20; round++) {
    clock.advance(HOUR_MS / 2);
    const adding = Array.from({ length: 5 }, () => {
      sent++;
      return add(0, 1);
    });
    await Promise.all(adding);
    acknowledged += adding.length;
  }
  over.abort();
  await reading;
  assert(queries > 10, `${queries} queries`);
});
