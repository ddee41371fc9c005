import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceError } from '../../src/errors.ts';
import type { Catalog } from '../../src/engine/catalog.ts';
import type { Processing } from '../../src/delivery/spec.ts';
import { deliveryLimits } from '../../src/delivery/limits.ts';
import { MetricRegistry } from '../../src/metrics.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { PauseGate } from '../../src/support/pause-gate.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { until } from '../support/until.ts';
import { FakeStore } from '../support/fake-store.ts';
import { taken } from '../services/kinesis/support/metrics.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { deliver, lines, mortal, openCatalog, specOf, texts } from './world.ts';

/** Long enough for a delivery that would do something it should not to have done it. */
async function turns(count = 300): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function scene(shards = 1) {
  const clock = new ManualClock(1_000_000);
  const streams = new FakeStreams(() => clock.now());
  const shardIds = streams.create('s', shards);
  const store = new FakeStore(0);
  const opened = await openCatalog(clock);
  const [shardId = ''] = shardIds;
  return {
    clock,
    streams,
    shardIds,
    shardId,
    store,
    parts: { catalog: opened.catalog, store, clock },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

describe('freshness', () => {
  it('delivers when the oldest record reaches the freshness, not before', async () => {
    await using world = await scene();
    const { clock, streams, shardId, store } = world;
    const delivery = deliver(specOf(streams), world.parts);
    streams.put('s', shardId, 'a');
    await turns();
    clock.advance(30_000);
    streams.put('s', shardId, 'b');
    await turns();
    clock.advance(29_999);
    await turns();
    assert.deepEqual(texts(store), []);
    clock.advance(1);
    await until(() => store.writes === 1);
    streams.put('s', shardId, 'c');
    await turns();
    clock.advance(59_999);
    await turns();
    assert.deepEqual(texts(store), ['a\nb\n']);
    clock.advance(1);
    await until(() => store.writes === 2);
    assert.deepEqual(texts(store), ['a\nb\n', 'c\n']);
    await delivery.close();
  });

  it('counts from the arrival, even for records read again after a restart', async () => {
    await using world = await scene();
    const { clock, streams, shardId, store } = world;
    streams.put('s', shardId, 'a');
    clock.advance(59_000);
    const delivery = deliver(specOf(streams), world.parts);
    await turns();
    assert.deepEqual(texts(store), []);
    clock.advance(1_000);
    await until(() => store.writes === 1);
    await delivery.close();
  });

  it('applies changes to undelivered records as well', async () => {
    await using world = await scene();
    const { clock, streams, shardId, store } = world;
    const delivery = deliver(specOf(streams), world.parts);
    streams.put('s', shardId, 'a');
    await turns();
    clock.advance(10_000);
    await turns();
    assert.equal(store.writes, 0);
    await delivery.setFreshness(10_000);
    await until(() => store.writes === 1);
    assert.deepEqual(texts(store), ['a\n']);
    await delivery.close();
  });

  it('does not wait if there is enough data for an object', async () => {
    await using world = await scene();
    const { streams, shardId, store } = world;
    const delivery = deliver(specOf(streams), world.parts);
    const text = 'x'.repeat(deliveryLimits.objectBytesMax / 4);
    for (let count = 0; count < 5; count++) streams.put('s', shardId, text);
    await until(() => store.writes === 1);
    await turns();
    assert.deepEqual(lines(store), [text, text, text, text]);
    await delivery.close();
  });

  it('counts the size of processed records, if configured', async () => {
    await using world = await scene();
    const { streams, shardId, store } = world;
    const processing: Processing = {
      mayVary: false,
      sizeOf: () => deliveryLimits.objectBytesMax / 2,
      process: (records) => Promise.resolve({ records, refused: [] }),
    };
    const delivery = deliver(specOf(streams, { processing }), world.parts);
    streams.put('s', shardId, 'a', 'b', 'c');
    await until(() => store.writes === 1);
    await turns();
    assert.deepEqual(lines(store), ['a', 'b']);
    await delivery.close();
  });
});

it('compresses objects as configured', async () => {
  for (const compression of ['NONE', 'GZIP', 'ZSTD'] as const) {
    await using world = await scene();
    const { streams, shardId, store } = world;
    streams.put('s', shardId, 'x'.repeat(1000), 'y');
    const delivery = deliver(specOf(streams, { freshnessMs: 0, compression }), world.parts);
    await until(() => store.writes === 1);
    assert.deepEqual(lines(store), ['x'.repeat(1000), 'y']);
    const [object] = store.objects.values();
    assert.equal((object?.info.sizeBytes ?? 0) > 1000, compression === 'NONE');
    await delivery.close();
  }
});

describe('records that do not have the format', () => {
  it('are written to a separate object, with the reason', async () => {
    await using world = await scene();
    const { streams, shardId, store } = world;
    streams.put('s', shardId, 'a', 'bad 1', 'b', 'bad 2');
    const delivery = deliver(specOf(streams, { freshnessMs: 0 }), world.parts);
    await until(() => store.writes === 2);
    assert.deepEqual(texts(store), ['a\nb\n']);
    assert.deepEqual(lines(store, 'b/refused/'), [
      `${shardId} bad 1: it is bad`,
      `${shardId} bad 2: it is bad`,
    ]);
    await delivery.close();
  });

  it('leave no empty object', async () => {
    await using world = await scene();
    const { streams, shardId, store } = world;
    streams.put('s', shardId, 'bad 1');
    const delivery = deliver(specOf(streams, { freshnessMs: 0 }), world.parts);
    await until(() => store.writes === 1);
    assert.deepEqual([...store.objects.keys()], [`b/refused/${shardId}-1000000`]);
    await delivery.close();
  });
});

it('finishes a shard at its end, and its children afterwards', async () => {
  await using world = await scene();
  const { clock, streams, shardId, store } = world;
  const delivery = deliver(specOf(streams), world.parts);
  streams.put('s', shardId, 'a');
  const [left = '', right = ''] = streams.split('s', shardId);
  streams.put('s', left, 'b');
  streams.put('s', right, 'c');
  await until(() => store.writes === 1);
  assert.deepEqual(lines(store), ['a']);
  await turns();
  clock.advance(60_000);
  await until(() => store.writes === 3);
  assert.deepEqual(lines(store).toSorted(), ['a', 'b', 'c']);
  await delivery.close();
});

describe('a write that fails', () => {
  for (const fate of ['lost before', 'lost after', 'late'] as const) {
    it(`${fate}: is retried, and there is one object`, async () => {
      await using world = await scene();
      const { clock, streams, shardId, store } = world;
      let failures = 2;
      store.fate = (operation) => (operation === 'put' && failures-- > 0 ? fate : 'well');
      streams.put('s', shardId, 'a', 'b');
      const delivery = deliver(specOf(streams, { freshnessMs: 0 }), world.parts);
      const progress = (writes: number) => () => {
        clock.advance(20_000);
        if (failures <= 0) store.arrive();
        return store.writes === writes;
      };
      await until(progress(1));
      streams.put('s', shardId, 'c');
      await until(progress(2));
      store.arrive();
      assert.deepEqual(texts(store), ['a\nb\n', 'c\n']);
      await delivery.close();
    });
  }

  it("never replaces another writer's object", async () => {
    await using world = await scene();
    const { clock, streams, shardId, store } = world;
    streams.put('s', shardId, 'a');
    const spec = specOf(streams, { freshnessMs: 0 });
    const key = spec.keyOf({ shardId, firstSequenceNumber: '1000000', firstArrivalMs: clock.now() });
    store.overwrite('b', key, 'mine\n');
    let attempts = 0;
    store.fate = (operation) => {
      if (operation === 'put') attempts++;
      return 'well';
    };
    const delivery = deliver(spec, world.parts);
    await until(() => {
      clock.advance(20_000);
      return attempts >= 2;
    });
    assert.deepEqual(texts(store), ['mine\n']);
    store.objects.delete(`b/${key}`);
    await until(() => {
      clock.advance(20_000);
      return store.writes === 2;
    });
    assert.deepEqual(texts(store), ['a\n']);
    await delivery.close();
  });
});

describe('when the process is killed', () => {
  const moments = {
    'before the object is written': 'lost before',
    'after the object is written': 'lost after',
  } as const;
  for (const [moment, fate] of Object.entries(moments)) {
    it(`${moment}: the same records are in the same object, although more have arrived since`, async () => {
      await using world = await scene();
      const { clock, streams, shardId, store, parts } = world;
      const own = mortal(store);
      const catalog = mortal(parts.catalog);
      store.fate = (operation) => {
        if (operation !== 'put') return 'well';
        void own.die();
        void catalog.die();
        return fate;
      };
      streams.put('s', shardId, 'a', 'b');
      const spec = specOf(streams, { freshnessMs: 0 });
      let died = false;
      const dead = deliver(spec, { ...parts, store: own.thing, catalog: catalog.thing });
      const wrapped = store.fate;
      store.fate = (operation) => {
        died ||= operation === 'put';
        return wrapped(operation);
      };
      await until(() => died);
      await turns(20);
      assert.equal(store.writes, fate === 'lost after' ? 1 : 0);
      store.fate = () => 'well';
      clock.advance(5_000);
      streams.put('s', shardId, 'c');
      const next = deliver(spec, parts);
      await until(() => store.writes === 2);
      assert.deepEqual(texts(store), ['a\nb\n', 'c\n']);
      await next.close();
      void dead;
    });
  }

  it('while a range is being stored: the next process finds it', async () => {
    await using world = await scene();
    const { clock, streams, shardId, store, parts } = world;
    const disk = new PauseGate();
    const release = disk.pause();
    let committing = false;
    const slow: Catalog = {
      table: (name) => parts.catalog.table(name),
      commit: async (change) => {
        committing = true;
        await disk.wait();
        return await parts.catalog.commit(change);
      },
    };
    const catalog = mortal(slow);
    streams.put('s', shardId, 'a');
    const dead = deliver(specOf(streams, { freshnessMs: 0 }), { ...parts, catalog: catalog.thing });
    await until(() => committing);
    const gone = catalog.die();
    release();
    await gone;
    const next = deliver(specOf(streams), parts);
    await turns();
    streams.put('s', shardId, 'b');
    await turns();
    clock.advance(60_000);
    await until(() => store.writes === 2);
    assert.deepEqual(texts(store), ['a\n', 'b\n']);
    await next.close();
    void dead;
  });

  it('one shard whose object cannot be completed does not delay others', async () => {
    await using world = await scene(2);
    const { clock, streams, shardIds, store, parts } = world;
    const [stuck = '', free = ''] = shardIds;
    const spec = specOf(streams, { freshnessMs: 0 });
    const key = spec.keyOf({ shardId: stuck, firstSequenceNumber: '1000000', firstArrivalMs: clock.now() });
    store.overwrite('b', key, 'mine\n');
    let attempts = 0;
    store.fate = (operation) => {
      if (operation === 'put') attempts++;
      return 'well';
    };
    streams.put('s', stuck, 'a');
    const first = deliver(spec, parts);
    await until(() => attempts === 1);
    await first.close();
    streams.put('s', free, 'b');
    const second = deliver(spec, parts);
    await until(() => store.writes === 2);
    assert.deepEqual(lines(store).toSorted(), ['b', 'mine']);
    await second.close();
  });

  it('delivers the rest of a range whose first records have expired', async () => {
    await using world = await scene();
    const { clock, streams, shardId, store, parts } = world;
    store.fate = (operation) => (operation === 'put' ? 'lost before' : 'well');
    streams.put('s', shardId, 'a', 'b');
    const spec = specOf(streams, { freshnessMs: 0 });
    let tried = false;
    const first = deliver({ ...spec, keyOf: (range) => ((tried = true), spec.keyOf(range)) }, parts);
    await until(() => tried);
    await first.close();
    streams.trim('s', shardId, 1);
    clock.advance(5_000);
    streams.put('s', shardId, 'c');
    store.fate = () => 'well';
    const second = deliver(spec, parts);
    await until(() => store.writes === 2);
    assert.deepEqual(texts(store), ['b\n', 'c\n']);
    await second.close();
  });
});

it('counts its deliveries', async () => {
  await using world = await scene();
  const { clock, streams, shardId, store } = world;
  streams.put('s', shardId, 'aa', 'bad', 'b');
  clock.advance(3_000);
  const metrics = new MetricRegistry();
  const delivery = deliver(specOf(streams, { freshnessMs: 0 }), { ...world.parts, metrics });
  await until(() => store.writes === 2);
  await turns(20);
  const sums = Object.entries(taken(metrics, { Name: 'd' })).map(([name, { sum }]) => [name, sum]);
  assert.deepEqual(Object.fromEntries(sums), {
    'DeliveryToS3.DataFreshness': 3,
    'DeliveryToS3.BytesIn': 6,
    'DeliveryToS3.BytesProcessed': 6,
    'DeliveryToS3.BytesOut': 5,
    'DeliveryToS3.RecordCount': 3,
    'DeliveryToS3.SuccessfulRecordCount': 2,
    'DeliveryToS3.FailedRecordCount': 1,
    'DeliveryToS3.DeliverySuccess': 1,
  });
  await delivery.close();
  assert.equal([...metrics].length, 0);
});

// A backup copies the objects first and the engine last: an object that was delivered between the two was in neither
// the copied store nor, its position having moved, ever delivered again.
describe('during a backup', () => {
  it('writes objects but advances no checkpoint, so that a restored copy delivers missing records', async () => {
    await using world = await scene();
    const { clock, streams, shardId, store } = world;
    const gate = new PauseGate();
    const begun = world.parts.catalog.table('delivery.ranges');
    const delivery = deliver(specOf(streams), { ...world.parts, gate });
    const release = gate.pause();
    streams.put('s', shardId, 'a');
    await turns();
    clock.advance(60_000);
    await until(() => store.writes === 1);
    await turns();
    assert.equal(begun.size, 1, 'the range is still to be finished');
    release();
    await until(() => begun.size === 0);
    await delivery.close();
    assert.deepEqual(texts(store), ['a\n']);
  });
});

// Each attempt of each shard was an error with its stack.
it('logs a failing bucket once, and its recovery', async () => {
  await using world = await scene(2);
  const { clock, streams, shardIds, store, parts } = world;
  const { log, lines: said } = recordedLog();
  let asked = 0;
  store.fate = () => {
    asked++;
    throw new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);
  };
  const delivery = deliver(specOf(streams, { freshnessMs: 0 }), { ...parts, log });
  for (const shardId of shardIds) streams.put('s', shardId, 'a');
  await until(() => {
    clock.advance(1000);
    return asked > 20;
  });
  assert.deepEqual(said, ['warn: the delivery d failed; retrying: The specified bucket does not exist']);
  store.fate = () => 'well';
  await until(() => {
    clock.advance(1000);
    return texts(store).length === 2;
  });
  await until(() => said.length === 2);
  assert.deepEqual(said.slice(1), ['info: the delivery d has recovered']);
  await delivery.close();
});
