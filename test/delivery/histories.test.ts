import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Delivery } from '../../src/delivery/delivery.ts';
import type { Clock } from '../../src/support/clock.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { FakeStore, type Fate } from '../support/fake-store.ts';
import { deliver, lines, mortal, openCatalog, specOf } from './world.ts';
import { seededPick } from '../support/random.ts';

const HISTORIES = 24;
const STEPS = 60;
const TURNS_MAX = 100_000;

/** A clock that never keeps anybody waiting: a pause passes within a turn of the event loop. */
function hastyClock(): Clock {
  let nowMs = Date.UTC(2026, 10, 22);
  return {
    now: () => nowMs,
    schedule(delayMs, callback) {
      const immediate = setImmediate(() => {
        nowMs += Math.max(0, delayMs);
        callback();
      });
      return () => clearImmediate(immediate);
    },
  };
}

const pass = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Records are put and shards split while a delivery loses answers, is changed, stopped, killed and started again. */
async function history(seed: number): Promise<void> {
  const pick = seededPick(seed);
  const clock = hastyClock();
  await using opened = await openCatalog(clock);
  const streams = new FakeStreams(() => clock.now());
  const open = streams.create('s', 1 + pick(3));
  const store = new FakeStore(0);
  let trouble = true;
  store.fate = (): Fate =>
    trouble ? ((['lost before', 'lost after', 'late'] as const)[pick(8)] ?? 'well') : 'well';
  const start = (): { delivery: Delivery; die: () => Promise<void> } => {
    const own = mortal(store);
    const catalog = mortal(opened.catalog);
    const freshnessMs = [0, 20, 500][pick(3)] ?? 0;
    const compression = (['NONE', 'GZIP', 'ZSTD'] as const)[pick(3)] ?? 'NONE';
    const parts = { catalog: catalog.thing, store: own.thing, clock };
    const delivery = deliver(specOf(streams, { freshnessMs, compression }), parts);
    return { delivery, die: () => (void own.die(), catalog.die()) };
  };
  let running = start();
  const put = new Map<string, string[]>();
  let count = 0;
  for (let step = 0; step < STEPS; step++) {
    const shard = open[pick(open.length)] ?? '';
    switch (pick(12)) {
      case 0: {
        if (open.length > 6) break;
        open.splice(open.indexOf(shard), 1, ...streams.split('s', shard));
        break;
      }
      case 1: {
        await running.die();
        running = start();
        break;
      }
      case 2: {
        await running.delivery.close();
        running = start();
        break;
      }
      case 3:
        await running.delivery.setFreshness([0, 50][pick(2)] ?? 0);
        break;
      case 4:
        store.arrive();
        break;
      case 5:
        for (let turn = pick(40); turn > 0; turn--) await pass();
        break;
      default: {
        const text = `${pick(6) === 0 ? 'bad ' : ''}${shard}:${count++}`;
        streams.put('s', shard, text);
        put.set(shard, [...(put.get(shard) ?? []), text]);
      }
    }
  }
  trouble = false;
  const expected = [...put.values()].flat();
  const refused = expected.filter((text) => text.startsWith('bad'));
  const delivered = (): number => lines(store).length + lines(store, 'b/refused/').length;
  for (let turn = 0; delivered() < expected.length && turn < TURNS_MAX; turn++) await pass();
  const missing = expected.length - delivered();
  store.arrive();
  // Whatever came of it: on this clock a delivery that goes on trying would never let the process end.
  await running.delivery.close();
  assert.equal(missing, 0, `${missing} records of history ${seed} do not arrive`);
  assert.deepEqual(lines(store).toSorted(), expected.filter((text) => !text.startsWith('bad')).toSorted());
  for (const [shard, texts] of put) {
    const ofShard = lines(store).filter((line) => line.startsWith(`${shard}:`));
    assert.deepEqual(
      ofShard,
      texts.filter((text) => !text.startsWith('bad')),
      `${shard} is in order`,
    );
  }
  assert.deepEqual(
    lines(store, 'b/refused/').toSorted(),
    refused.map((text) => `${text.slice(4).split(':')[0]} ${text}: it is bad`).toSorted(),
  );
}

describe('each record is delivered once and in the order of its shard, whatever fails', () => {
  for (let seed = 1; seed <= HISTORIES; seed++) it(`history ${seed}`, () => history(seed));
});
