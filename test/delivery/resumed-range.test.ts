import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../src/support/clock.ts';
import { FakeStore } from '../support/fake-store.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { until } from '../support/until.ts';
import { deliver, openCatalog, specOf } from './world.ts';

/** A delivery to a bucket that was deleted wrote this line every ten seconds, for each shard, without end. */
test('the log names a range that the next process completes once, however often it tries', async () => {
  const clock = new ManualClock(1_000_000);
  const streams = new FakeStreams(() => clock.now());
  const [shardId = ''] = streams.create('s', 1);
  const store = new FakeStore(0);
  await using opened = await openCatalog(clock);
  const parts = { catalog: opened.catalog, store, clock };
  const spec = specOf(streams, { freshnessMs: 0 });
  let puts = 0;
  store.fate = (operation) => {
    if (operation !== 'put') return 'well';
    puts++;
    return 'lost before';
  };
  streams.put('s', shardId, 'a');
  const first = deliver(spec, parts);
  await until(() => puts === 1);
  await first.close();
  const { log, lines } = recordedLog();
  const second = deliver(spec, { ...parts, log });
  await until(() => {
    clock.advance(1_000);
    return puts >= 4;
  });
  await second.close();
  const resumed = lines.filter((line) => line.includes('that an earlier run began'));
  assert.deepEqual(resumed, ['info: the delivery d: completing a range that an earlier run began']);
});
