import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunningLog } from '../../../src/services/listlog/running-log.ts';
import type { ObjectStore } from '../../../src/services/s3/object-store.ts';
import { FakeStreams } from '../../support/fake-streams.ts';
import { FakeStore, type Fate } from '../../support/fake-store.ts';
import { listLog, row, type Kept } from './setting.ts';
import { seededPick } from '../../support/random.ts';

const HISTORIES = 60;
const STEPS = 80;
const TURNS_MAX = 100_000;

/** What a process has in hand of a store: when the process dies, nothing of it happens any more. */
function mortal(store: ObjectStore): { store: ObjectStore; die: () => void } {
  let dead = false;
  const handle = new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (dead) return await new Promise(() => {});
        const result: unknown = await Reflect.apply(member, target, args);
        return dead ? await new Promise(() => {}) : result;
      };
    },
  });
  return { store: handle, die: () => (dead = true) };
}

const pass = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Records are put and shards split while one or two writers write, lose answers, die and are started again. */
async function history(seed: number): Promise<void> {
  const pick = seededPick(seed);
  const streams = new FakeStreams(() => 0);
  const open = streams.create('s', 1 + pick(3));
  const store = new FakeStore([0, 40, 400][pick(3)] ?? 0);
  const before = seed % 2 === 0 ? ['of before'] : [];
  for (const text of before) store.overwrite('b', 'log.txt', text);
  let trouble = true;
  store.fate = (): Fate => {
    if (!trouble) return 'well';
    return (['lost before', 'lost after', 'late'] as const)[pick(12)] ?? 'well';
  };
  const kept: Kept = { row: { ...row, format: '{shardId}:{message}' } };
  const writers = 1 + pick(2);
  const running: { log: RunningLog; die: () => void }[] = [];
  const start = (): void => {
    const { store: own, die } = mortal(store);
    const log = listLog(streams, own, kept);
    log.start();
    running.push({ log, die });
  };
  const expected = new Map<string, string[]>(open.map((shardId) => [shardId, []]));

  for (let writer = 0; writer < writers; writer++) start();
  let next = 0;
  for (let step = 0; step < STEPS; step++) {
    const at = pick(open.length);
    const shardId = open[at] ?? '';
    switch (pick(12)) {
      case 0: {
        // The process ends where it stands; its half-done work is never heard of again.
        running.shift()?.die();
        start();
        break;
      }
      case 1: {
        await running.shift()?.log.close();
        start();
        break;
      }
      case 2: {
        if (open.length > 5) break;
        const children = streams.split('s', shardId);
        open.splice(at, 1, ...children);
        for (const child of children) expected.set(child, []);
        break;
      }
      case 3:
        store.arrive();
        break;
      default:
        for (let count = pick(6); count > 0; count--) {
          const message = `${next++}${'.'.repeat(pick(30))}`;
          streams.putRecord('s', shardId, 'k', Buffer.from(JSON.stringify({ message })));
          expected.get(shardId)?.push(message);
        }
    }
    for (let turn = pick(12); turn > 0; turn--) await pass();
  }
  trouble = false;
  const total = [...expected.values()].reduce((sum, messages) => sum + messages.length, 0);
  const lines = () => store.text('b', 'log.txt').split('\n').slice(before.length, -1);
  for (let turn = 0; lines().length < total && turn < TURNS_MAX; turn++) await pass();
  store.arrive();
  for (let turn = 0; turn < 20; turn++) await pass();
  await Promise.all(running.map(({ log }) => log.close()));

  for (const [shardId, messages] of expected) {
    const written = lines()
      .filter((line) => line.startsWith(`${shardId}:`))
      .map((line) => line.slice(shardId.length + 1));
    assert.deepEqual(written, messages, `seed ${seed}, ${shardId}`);
  }
  assert.equal(lines().length, total, `seed ${seed}`);
  assert.ok(
    store.text('b', 'log.txt').startsWith(before.map((text) => `${text}\n`).join('')),
    `seed ${seed}`,
  );
}

describe('a list log under failures', () => {
  for (let seed = 1; seed <= HISTORIES; seed++) {
    it(`loses no line, repeats none and keeps their order (seed ${seed})`, () => history(seed));
  }
});
