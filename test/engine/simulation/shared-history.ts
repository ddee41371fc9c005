import assert from 'node:assert/strict';

import type { Engine } from '../../../src/engine/engine.ts';
import { pack, textsOf } from '../contract.ts';
import { tinyTables } from '../embedded/store.ts';
import { MemoryObjects } from '../shared/snapshots/memory-objects.ts';
import { MemoryStore, type Fences } from '../shared/memory-log.ts';
import { PowerCut } from './faulty-disk.ts';
import { Machine } from './machine.ts';
import { Random } from './random.ts';

const LOGS = [1, 2, 3];
/** So small that a history sees segments and table files come and go. */
const BOUNDS = {
  segmentBytes: 3000,
  frameBytesMax: 1000,
  chunkBytesMax: 300,
  tailCacheBytes: 1500,
  reserveBytes: 3000,
  closedSegmentBytesMax: 1000,
  ...tinyTables,
};
const HOUR = 3_600_000;
const START_MS = 1_700_000_000_000;

interface Put {
  readonly token: string;
  readonly log: number;
  readonly texts: readonly string[];
  /** Also a row with the place of its first record. */
  readonly withRow: boolean;
  firstIndex: number | undefined;
}

/** An acknowledged record is not where it was, or is there twice. */
export class BrokenPromise extends Error {}

/**
 * Machines share a log through a store that delays, repeats and loses answers; they are paused, cut off, replaced and
 * promoted at any moment, and their clocks are an hour apart. Whatever happens, a new machine must find each
 * acknowledged record once, at its place.
 */
export class SharedHistory {
  readonly trace: string[] = [];
  readonly #random: Random;
  readonly #store: MemoryStore;
  readonly #machines: Machine[];
  readonly #puts: Put[] = [];
  #failure: unknown;
  /** Of log 1: the highest place before which it was or may have been trimmed. */
  #trimmed = { asked: 0, done: 0 };
  #sealedAt: number | undefined;
  #count = 0;
  readonly #objects: MemoryObjects | undefined;
  /** Machines that are being started. */
  readonly #starting = new Set<Machine>();

  /** With snapshots, the log is trimmed, and machines join it or come back after that. */
  constructor(seed: number, fences?: Fences, { withSnapshots = false } = {}) {
    this.#random = new Random(seed);
    const random = this.#random;
    this.#store = new MemoryStore({ random, ...(fences && { fences }) });
    if (withSnapshots) this.#objects = new MemoryObjects(random, 0);
    this.#machines = Array.from({ length: 2 + random.below(2) }, (_, n) => this.#machine(`m${n}`));
  }

  /** How often a machine had to begin again, because the log had been trimmed past it. */
  get behind(): number {
    return this.#machines.reduce((sum, { behind }) => sum + behind, 0);
  }

  get trimmed(): number {
    return this.#store.first;
  }

  async run(): Promise<void> {
    for (const machine of this.#machines) await machine.start();
    for (let n = 20 + this.#random.below(20); n > 0; n--) {
      await this.#step(this.#random.pick(this.#machines));
      await turns(this.#random.below(25));
    }
    await this.#check();
    this.#store.leave();
  }

  #machine(name: string): Machine {
    const nowMs = START_MS + this.#random.pick([0, 0, HOUR, -HOUR]);
    return new Machine(name, {
      random: this.#random,
      store: this.#store,
      objects: this.#objects,
      bounds: BOUNDS,
      nowMs,
    });
  }

  async #step(machine: Machine): Promise<void> {
    const roll = this.#random.next();
    const { process } = machine;
    if (process === undefined) {
      if (this.#starting.has(machine)) return;
      this.trace.push(`${machine.name} starts`);
      this.#begin(machine);
    } else if (roll < 0.55) this.#work(this.#target(machine));
    else if (roll < 0.7) machine.advance(this.#random.pick([100, 1000, 4000, 7000]));
    else if (roll < 0.78) machine.pause();
    else if (roll < 0.86) machine.resume();
    else if (roll < 0.91) void process.member.promote();
    else if (roll < 0.94) void process.member.demote();
    else {
      this.trace.push(`${machine.name} is cut off`);
      if (this.#random.chance(0.3)) machine.replace();
      else machine.cut();
    }
  }

  #begin(machine: Machine): void {
    this.#starting.add(machine);
    const starting = machine.start().finally(() => this.#starting.delete(machine));
    starting.catch((error: unknown) => (this.#failure ??= error));
  }

  /** Mostly one that takes itself for the owner. */
  #target(machine: Machine): Machine {
    const owners = this.#machines.filter(({ isOwner }) => isOwner);
    return owners.length === 0 || this.#random.chance(0.1) ? machine : this.#random.pick(owners);
  }

  #work(machine: Machine): void {
    const { engine } = machine;
    if (engine === undefined) return;
    const roll = this.#random.next();
    if (roll < 0.06) return this.#start(machine, this.#trim(engine));
    if (roll < 0.08) return this.#start(machine, this.#seal(engine));
    const again = roll < 0.25 && this.#puts.length > 0;
    for (let n = again ? 1 : 1 + this.#random.below(3); n > 0; n--) {
      this.#start(machine, this.#put(engine, again ? this.#random.pick(this.#puts) : this.#newPut()));
    }
  }

  #start(machine: Machine, work: Promise<void>): void {
    const { process } = machine;
    void work.catch((error: unknown) => {
      // What was under way on a machine that is cut off may still read what its disk has left.
      const isGone = machine.process !== process && !(error instanceof BrokenPromise);
      if (!isGone && !isExpected(error)) this.#failure ??= error;
    });
  }

  #newPut(): Put {
    const token = `t${this.#count++}`;
    const texts = Array.from(
      { length: 1 + this.#random.below(3) },
      (_, n) => `${token}.${n}${'-'.repeat(this.#random.below(80))}`,
    );
    const put: Put = {
      token,
      log: this.#random.pick(LOGS),
      texts,
      withRow: this.#random.chance(0.4),
      firstIndex: undefined,
    };
    this.#puts.push(put);
    return put;
  }

  /** New, or again with the same token: at whichever machine, the answer is the same. */
  async #put(engine: Engine, put: Put): Promise<void> {
    const firstIndex = await store(engine, put);
    if (put.firstIndex !== undefined && put.firstIndex !== firstIndex) {
      throw new BrokenPromise(`${put.token} was at ${put.firstIndex}, and its repeat is at ${firstIndex}`);
    }
    put.firstIndex = firstIndex;
  }

  async #trim(engine: Engine): Promise<void> {
    const before = this.#random.below(engine.bounds(1).nextIndex + 1);
    this.#trimmed.asked = Math.max(this.#trimmed.asked, before);
    await engine.trim(1, before);
    this.#trimmed.done = Math.max(this.#trimmed.done, before);
  }

  async #seal(engine: Engine): Promise<void> {
    const tail = await engine.seal(3);
    if (this.#sealedAt !== undefined && tail !== this.#sealedAt) {
      throw new BrokenPromise(`log 3 was sealed at ${this.#sealedAt}, and now at ${tail}`);
    }
    this.#sealedAt = tail;
  }

  async #check(): Promise<void> {
    for (const machine of this.#machines) machine.resume();
    await turns(200);
    const last = this.#machine('last');
    const { engine, member } = await last.start();
    let refused: unknown;
    void member.lost.then((error) => (refused = error));
    for (let n = 0; !last.isOwner; n++) {
      if (refused !== undefined) throw new BrokenPromise('the log cannot be followed', { cause: refused });
      if (n > 2000) throw new BrokenPromise('the log cannot be taken over');
      if (n % 20 === 0) void member.promote();
      last.advance(100);
      await turns(5);
    }
    if (this.#failure !== undefined) throw this.#failure;
    const content = await contentOf(engine);
    this.#checkPuts(content);
    await this.#checkTokens(engine);
    await this.#checkStandbys(engine, member.status().position);
    this.trace.push(...content.flat());
  }

  #checkPuts(content: readonly string[][]): void {
    const placeOf = new Map<string, string>();
    for (const [at, texts] of content.entries()) {
      for (const [index, text] of texts.entries()) {
        if (text === '') continue;
        const place = `${LOGS[at]}:${index}`;
        const other = placeOf.get(text);
        if (other !== undefined) throw new BrokenPromise(`${text} is doubled: ${other} and ${place}`);
        placeOf.set(text, place);
      }
    }
    for (const { log, texts, firstIndex } of this.#puts) {
      if (firstIndex === undefined) continue;
      for (const [n, text] of texts.entries()) {
        const index = firstIndex + n;
        if (log === 1 && index < this.#trimmed.asked) continue;
        const found = placeOf.get(text);
        if (found !== `${log}:${index}`)
          throw new BrokenPromise(`${text} was acknowledged at ${log}:${index}, and is ${found ?? 'lost'}`);
      }
    }
  }

  /** Every put, acknowledged or not, is made again: the acknowledged ones are recognized. */
  async #checkTokens(engine: Engine): Promise<void> {
    const { firstIndex } = engine.bounds(1);
    assert(firstIndex >= this.#trimmed.done && firstIndex <= this.#trimmed.asked, 'the trim point of log 1');
    if (this.#sealedAt !== undefined) {
      assert.equal(engine.bounds(3).nextIndex, this.#sealedAt, 'the tail of the sealed log');
    }
    const rows = engine.catalog.table<{ at: number }>('rows');
    for (const put of this.#puts) {
      await this.#put(engine, put).catch((error: unknown) => {
        if (!isExpected(error)) throw error;
      });
      if (put.withRow && put.firstIndex !== undefined) assert.equal(rows.get(put.token)?.at, put.firstIndex);
    }
  }

  /** All machines come to the same content. */
  async #checkStandbys(engine: Engine, position: number): Promise<void> {
    const expected = await contentOf(engine);
    for (const machine of this.#machines) {
      for (let n = 0; (machine.process?.member.status().position ?? -1) < position; n++) {
        if (n > 500) throw new BrokenPromise(`${machine.name} does not follow`);
        if (machine.process === undefined && !this.#starting.has(machine)) this.#begin(machine);
        machine.advance(1500);
        await turns(20);
        if (this.#failure !== undefined) throw this.#failure;
      }
      await turns(20);
      if (machine.engine !== undefined)
        assert.deepEqual(await contentOf(machine.engine), expected, `the content of ${machine.name}`);
    }
  }
}

async function store(engine: Engine, { token, log, texts, withRow }: Put): Promise<number> {
  const table = engine.catalog.table<{ at: number }>('rows');
  const answer = await engine.commit({
    batches: [{ log, records: pack(...texts) }],
    idempotencyKey: { id: Buffer.from(token), digest: Buffer.from('digest') },
    ...(withRow && {
      change: (to, [first]) => to.put(table, token, { at: first?.firstIndex ?? -1 }),
    }),
  });
  const [appended] = answer.batches;
  assert(appended);
  return appended.firstIndex;
}

/** The records of each log by index; trimmed ones are empty. */
async function contentOf(engine: Engine): Promise<string[][]> {
  const content: string[][] = [];
  for (const log of LOGS) {
    const { firstIndex, nextIndex } = engine.bounds(log);
    const texts: string[] = Array.from({ length: firstIndex }, () => '');
    let arrival = 0;
    for (let index = firstIndex; index < nextIndex;) {
      const batches = await engine.read(log, index, { maxRecords: 1000, maxBytes: 1e6 });
      for (const batch of batches) {
        assert.equal(batch.firstIndex, index);
        assert(batch.arrivalMs >= arrival, 'an arrival before that of its predecessor');
        arrival = batch.arrivalMs;
        index += batch.count;
      }
      texts.push(...textsOf(batches));
    }
    content.push(texts);
  }
  return content;
}

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}

const EXPECTED = [
  'NotOwnerError',
  'LogSealedError',
  'EngineClosedError',
  'EngineBusyError',
  'EngineCopyError',
  'EngineWriteError',
];

function isExpected(error: unknown): boolean {
  // A repeat is looked up on the disk of a machine that is cut off.
  return error instanceof PowerCut || (error instanceof Error && EXPECTED.includes(error.name));
}
