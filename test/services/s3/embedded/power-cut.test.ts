import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { s3Limits } from '../../../../src/services/s3/limits.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { FaultyDisk } from '../../../engine/simulation/faulty-disk.ts';
import { Random } from '../../../engine/simulation/random.ts';
import { runHistories } from '../../../support/histories.ts';
import { Life } from './faulty-files.ts';
import { openStore, readWhole, type TestStore } from './store.ts';

/**
 * The object store and its engine are on one disk that loses, tears and reorders what was not synced, whose syncs fail,
 * and whose power is cut at any step.
 */
const MAX = { count: 400, ms: 8_000 };

/** The store's paths are relative to the disk. */
const FOLDER = 'objects-of-the-simulation';
const KEYS = ['log.txt', 'a', 'a/b', 'deep/er/x.txt'];
const LIVES = 4;
const bounds = {
  segmentBytes: 64 * 1024,
  reserveBytes: 8 * 1024,
  chunkBytesMax: 32 * 1024,
  tailCacheBytes: 64 * 1024,
};

/** Undefined: there is no such object. */
type Content = string | undefined;

/** What a key may hold: one content, or several while it is not known whether a write happened. */
class Truth {
  readonly #possible = new Map<string, Set<Content>>();

  of(key: string): ReadonlySet<Content> {
    return this.#possible.get(key) ?? new Set([undefined]);
  }

  settle(key: string, content: Content): void {
    this.#possible.set(key, new Set([content]));
  }

  doubt(key: string, content: Content): void {
    this.#possible.set(key, new Set([...this.of(key), content]));
  }
}

async function* bodyOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 40_000) yield bytes.subarray(at, at + 40_000);
}

interface Write {
  readonly after: Content;
  run(store: TestStore): Promise<unknown>;
}

const meta = { headers: {}, metadata: {} };

async function put(store: TestStore, key: string, text: string): Promise<void> {
  const content = await store.objects.receive(bodyOf(text), [], 1e9);
  await store.objects.put('bucket', key, content, meta, () => undefined);
}

async function upload({ objects, uploads }: TestStore, key: string, text: string): Promise<void> {
  const begun = await uploads.create({ bucket: 'bucket', key, ...meta });
  const half = Math.floor(text.length / 2);
  for (const [at, part] of [text.slice(0, half), text.slice(half)].entries()) {
    await uploads.putPart(begun, at + 1, await objects.receive(bodyOf(part), [], 1e9));
  }
  await uploads.complete(begun, (parts) => parts, 'unconditional');
}

function someWrite(random: Random, key: string, before: Content, tag: string): Write {
  const isLarge = random.chance(0.1);
  const text = `${tag} `.repeat(1 + random.below(isLarge ? 12_000 : 30));
  const kind = random.below(10);
  if (kind < 4 || (kind < 8 && before === undefined)) {
    return { after: text, run: (store) => put(store, key, text) };
  }
  if (kind < 7) {
    const bytes = Buffer.from(text);
    const run = (store: TestStore) => store.objects.append('bucket', key, bytes, meta, () => undefined);
    return { after: (before ?? '') + text, run };
  }
  if (kind < 8) {
    return { after: undefined, run: (store) => store.objects.delete('bucket', key, () => undefined) };
  }
  return { after: text, run: (store) => upload(store, key, text) };
}

class History {
  readonly #random: Random;
  readonly #disk: FaultyDisk;
  readonly #truth = new Truth();
  readonly #seed: number;
  acknowledged = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#disk = new FaultyDisk(this.#random);
  }

  async run(): Promise<void> {
    const life = new Life(this.#disk);
    const store = await this.#open(life, new ManualClock(1));
    await store.buckets.create('bucket');
    await store.close();
    for (let n = 0; n < LIVES; n++) {
      await this.#live(n);
      if (this.#random.chance(0.7)) this.#disk.restart();
      else this.#disk.restartProcess();
      await this.#checkAll();
    }
  }

  async #open(life: Life, clock: ManualClock): Promise<TestStore> {
    return await openStore({ folder: FOLDER, files: life.files, disk: life.disk, clock, bounds });
  }

  async #live(n: number): Promise<void> {
    const random = this.#random;
    const life = new Life(this.#disk);
    const clock = new ManualClock(1 + n * 1_000_000);
    this.#disk.callsUntilCut = 100 + random.below(1_500);
    try {
      const store = await this.#open(life, clock);
      if (random.chance(0.5)) this.#disk.faultChance = random.pick([0.005, 0.02, 0.1]);
      await Promise.all(KEYS.map((key) => this.#write(store, clock, key, n)));
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      // A start that was cut; whatever it did is looked at below.
    }
    life.end();
    // What was under way hears of it.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** One key's writes, one after another, until the power is cut. */
  async #write(store: TestStore, clock: ManualClock, key: string, n: number): Promise<void> {
    const random = this.#random;
    for (let i = 0; this.#disk.callsUntilCut > 0 && i < 500; i++) {
      const possible = [...this.#truth.of(key)];
      const before = possible.length === 1 ? possible[0] : await this.#look(store, key);
      if (before === UNKNOWN) continue;
      const write = someWrite(random, key, before, `${this.#seed}.${n}.${i}`);
      this.#truth.doubt(key, write.after);
      try {
        await write.run(store);
        this.#truth.settle(key, write.after);
        this.acknowledged++;
      } catch {
        // It may have happened or not.
      }
      if (random.chance(0.3)) clock.advance(s3Limits.objectSettleDelayMs);
    }
  }

  /** What is there now, if it can be read at all on this disk. */
  async #look(store: TestStore, key: string): Promise<Content | typeof UNKNOWN> {
    try {
      const seen = (await readWhole(store, 'bucket', key))?.text;
      assert.ok(this.#truth.of(key).has(seen), `history ${this.#seed}, ${key} while it runs`);
      return seen;
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      return UNKNOWN;
    }
  }

  async #checkAll(): Promise<void> {
    const life = new Life(this.#disk);
    const store = await this.#open(life, new ManualClock(1));
    for (const key of KEYS) {
      const seen = (await readWhole(store, 'bucket', key))?.text;
      const possible = this.#truth.of(key);
      assert.ok(possible.has(seen), `history ${this.#seed}, ${key}: ${seen?.slice(0, 80)}, ${seen?.length}`);
      this.#truth.settle(key, seen);
    }
    assert.deepEqual(store.damages, []);
    await store.close();
    life.end();
  }
}

const UNKNOWN = Symbol('unknown');

describe('the object store on a disk that loses, tears and fails', () => {
  it('has every acknowledged object, intact, through thousands of short runs', async (t) => {
    let acknowledged = 0;
    const run = async (seed: number): Promise<void> => {
      const history = new History(seed);
      await history.run();
      acknowledged += history.acknowledged;
    };
    await runHistories(t, MAX, run, () => `, ${acknowledged} writes acknowledged`);
  });

  // A sync failed while the store forgot its journal; the next one synced the same pages, which the kernel no longer
  // took for dirty, and the journal went: after a power cut the object was zeros, served with 200 and its old ETag.
  for (const [name, write] of [
    ['put', (store: TestStore) => put(store, 'k', 'hello, durable world')],
    ['appended to', appendTwice],
  ] as const) {
    it(`rewrites an object that was ${name} and whose sync failed`, async () => {
      for (let seed = 1; seed <= 8; seed++) {
        const disk = new FaultyDisk(new Random(seed));
        const life = new Life(disk);
        const store = await openStore({ folder: FOLDER, files: life.files, disk: life.disk, bounds });
        await store.buckets.create('bucket');
        await write(store);
        disk.faultChance = 1;
        await assert.rejects(store.objects.settle(), /EIO/);
        disk.faultChance = 0;
        await store.objects.settle();
        const seen = await readWhole(store, 'bucket', 'k');
        life.end();
        disk.restart();
        const next = new Life(disk);
        const after = await openStore({ folder: FOLDER, files: next.files, disk: next.disk, bounds });
        assert.deepEqual(await readWhole(after, 'bucket', 'k'), seen);
        await after.close();
      }
    });
  }

  it('fails a put whose content cannot be synced, and keeps the previous object', async () => {
    const disk = new FaultyDisk(new Random(7));
    const life = new Life(disk);
    const store = await openStore({ folder: FOLDER, files: life.files, disk: life.disk, bounds });
    await store.buckets.create('bucket');
    await put(store, 'k', 'before');
    const body = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(s3Limits.objectInlineBytesMax + 1);
      disk.faultChance = 1;
    };
    await assert.rejects(store.objects.receive(body(), [], 1e9), /EIO/);
    disk.faultChance = 0;
    assert.equal((await readWhole(store, 'bucket', 'k'))?.text, 'before');
    assert.deepEqual(await life.files.readdir(store.objects.layout.staging), []);
    await store.close();
  });
});

async function appendTwice(store: TestStore): Promise<void> {
  await put(store, 'k', 'one ');
  await store.objects.settle();
  for (const text of ['two ', 'three ']) {
    await store.objects.append('bucket', 'k', Buffer.from(text), meta, () => undefined);
  }
}
