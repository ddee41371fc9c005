import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';

import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { Appended, Engine } from '../../../src/engine/engine.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { pack, textsOf } from '../contract.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { tinyTables } from '../embedded/store.ts';
import { describeLog, describeRows, Model, type Operation } from './model.ts';
import { Random } from './random.ts';

const LOGS = [1, 2, 3, 4, 5];
const KEYS = ['a', 'b', 'c/1', 'c/2'];
const ROW_PREFIXES = ['r', 's/', 't/u/'];
/** So small that a history of a hundred records sees segments come, go and be rewritten. */
const BOUNDS = {
  segmentBytes: 3000,
  frameBytesMax: 1000,
  chunkBytesMax: 300,
  tailCacheBytes: 1500,
  indexCacheBytes: 400,
  openSegmentsMax: 3,
  idempotencyKeyLifetimeMs: 60_000,
  reserveBytes: 3000,
  closedSegmentBytesMax: 1000,
  ...tinyTables,
};

interface Submitted {
  readonly operation: Operation;
  readonly token: Buffer | undefined;
  readonly submittedMs: number;
  /** 'full' is certain: not even a power cut shows what there was no room for, on disk or in memory. */
  outcome: 'open' | 'done' | 'refused' | 'full' | 'failed';
  answer: readonly Appended[] | undefined;
}

/**
 * One random life of an engine on a faulty disk. What was acknowledged is compared with a model after every pause;
 * what was under way at a power cut may be there or not, whole, in the order in which it was submitted.
 */
export class History {
  readonly #random: Random;
  readonly #clock = new ManualClock(1_700_000_000_000);
  readonly #disk: FaultyDisk;
  /** What may be durable: more than one, while they look alike (an empty log that was dropped, or was not). */
  #worlds: Model[] = [new Model()];
  #underWay: Submitted[] = [];
  /** Failed, seen by nobody; but with nothing written since, a power cut may show that they reached the disk. */
  #lingering: Submitted[] = [];
  #settling: Promise<unknown>[] = [];
  readonly #answered: Submitted[] = [];
  #texts = 0;
  /** A segment with a young idempotency key is neither removed nor rewritten: some lives have few or none. */
  readonly #tokenShare: number;
  readonly #trimShare: number;
  readonly #rowShare: number;
  readonly trace: string[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#disk = new FaultyDisk(this.#random);
    this.#tokenShare = this.#random.pick([0, 0.05, 0.4]);
    this.#trimShare = this.#random.pick([0.1, 0.25]);
    this.#rowShare = this.#random.pick([0, 0.2, 0.8]);
  }

  async run(): Promise<void> {
    let engine = await this.#open();
    const steps = this.#random.chance(0.1) ? 150 : 10 + this.#random.below(50);
    if (this.#random.chance(0.3)) this.#disk.faultChance = 0.03;
    for (let step = 0; step < steps; step++) {
      if (this.#random.chance(0.12)) engine = await this.#interrupt(engine);
      else if (this.#random.chance(0.25)) await this.#pause(engine);
      else this.#submit(engine, this.#choose());
    }
    await this.#pause(engine);
    engine = await this.#restartCleanly(engine);
    await engine.close();
  }

  async #open(): Promise<Engine> {
    for (;;) {
      // Also a start may be cut short, over and over.
      if (this.#random.chance(0.15)) this.#disk.callsUntilCut = 1 + this.#random.below(40);
      try {
        const bounds = BOUNDS;
        const engine = await openEmbeddedEngine({
          folder: '',
          clock: this.#clock,
          log: silentLog,
          disk: this.#disk,
          bounds,
        });
        this.#disk.callsUntilCut = Infinity;
        return engine;
      } catch (error) {
        if (!isPowerCut(error)) throw error;
        this.#disk.restart();
      }
    }
  }

  #choose(): Operation {
    const random = this.#random;
    const log = random.pick(LOGS);
    const roll = random.next();
    if (random.chance(this.#rowShare)) return this.#rowChanges();
    if (roll < 0.6 - this.#trimShare) return { kind: 'append', batches: this.#batches() };
    if (roll < 0.75 - this.#trimShare) {
      return { kind: 'commit', batches: this.#batches(), key: random.pick(KEYS) };
    }
    if (roll < 0.75) return { kind: 'trim', log, before: random.below(60) };
    if (roll < 0.77) return { kind: 'seal', log };
    if (roll < 0.79) return { kind: 'drop', log };
    const key = random.pick(KEYS);
    if (roll < 0.85) return { kind: 'put', key, value: random.below(1000) };
    return roll < 0.95 ? { kind: 'increment', key } : { kind: 'delete', key };
  }

  #batches(): { log: number; texts: string[] }[] {
    return Array.from({ length: 1 + this.#random.below(3) }, () => ({
      log: this.#random.pick(LOGS),
      texts: Array.from({ length: 1 + this.#random.below(4) }, () => this.#text()),
    }));
  }

  /** Of a table on disk. */
  #rowChanges(): Operation {
    const changes = Array.from({ length: 1 + this.#random.below(4) }, () => {
      const key = `${this.#random.pick(ROW_PREFIXES)}${this.#random.below(12)}`;
      return [key, this.#random.chance(0.3) ? null : this.#text()] as const;
    });
    return { kind: 'rows', changes };
  }

  #text(): string {
    const length = this.#random.chance(0.1) ? this.#random.below(800) : this.#random.below(20);
    return `${this.#texts++}${'.'.repeat(length)}`;
  }

  #submit(engine: Engine, operation: Operation): void {
    const mayHaveKey = operation.kind === 'append' || operation.kind === 'commit';
    const withToken = mayHaveKey && this.#random.chance(this.#tokenShare);
    const token = withToken ? Buffer.from(`token ${this.#texts++}`) : undefined;
    const submittedMs = this.#clock.now();
    const submitted: Submitted = { operation, token, submittedMs, outcome: 'open', answer: undefined };
    this.#underWay.push(submitted);
    const settled = settle(submitted, perform(engine, operation, token));
    this.#settling.push(settled);
    if (token === undefined || !this.#random.chance(0.3)) return;
    // A repeat while the first is under way has the same fate.
    const repeat = matchRepeat(submitted, settled, perform(engine, operation, token));
    this.#settling.push(repeat);
  }

  /** Waits until nothing is under way, and looks at everything. */
  async #pause(engine: Engine): Promise<void> {
    await this.#settle();
    const seen = await observe(engine, this.#random);
    this.#keepWorlds((world) => world.describe(LOGS) === seen, seen);
    await this.#checkPoint(engine);
    await this.#repeatOne(engine);
    this.#clock.advance(this.#random.below(3000));
    this.trace.push(seen);
  }

  /** Acknowledged operations are certain from now on; those that failed are seen by nobody. */
  async #settle(): Promise<void> {
    await Promise.all(this.#settling);
    this.#settling = [];
    for (const submitted of this.#underWay) {
      if (submitted.outcome === 'full') continue;
      if (submitted.outcome === 'failed') {
        this.#lingering.push(submitted);
        continue;
      }
      // What is written after it has taken its place.
      if (
        submitted.outcome === 'done' &&
        ['append', 'commit', 'put', 'rows'].includes(submitted.operation.kind)
      )
        this.#lingering = [];
      const indexes = submitted.answer?.map(({ firstIndex }) => firstIndex);
      this.#keepWorlds((world) => isDeepStrictEqual(world.apply(submitted.operation), indexes), indexes);
      if (submitted.token !== undefined && submitted.outcome === 'done') this.#answered.push(submitted);
    }
    this.#underWay = [];
  }

  #keepWorlds(holds: (world: Model) => boolean, seen: unknown): void {
    const before = this.#worlds.map((world) => world.describe(LOGS));
    this.#worlds = this.#worlds.filter(holds);
    assert(this.#worlds.length > 0, `seen: ${String(seen)}\nexpected one of: ${before.join('\nor ')}`);
  }

  get #world(): Model {
    const [world] = this.#worlds;
    assert(world);
    return world;
  }

  async #checkPoint(engine: Engine): Promise<void> {
    const log = this.#random.pick(LOGS);
    const { first, texts } = this.#world.log(log);
    const from = this.#random.below(texts.length + 2);
    const start = Math.max(from, first);
    const maxRecords = 1 + this.#random.below(5);
    const got = await engine.read(log, from, { maxRecords, maxBytes: 1e6 });
    assert.deepEqual(textsOf(got), texts.slice(start, start + maxRecords));
    const [batch] = got;
    if (batch === undefined) return;
    assert.equal(batch.firstIndex, start);
    const located = await engine.locate(log, batch.arrivalMs);
    assert(located <= start, `${located} is after ${start}`);
    assert(
      located === start ||
        (await engine.read(log, located, { maxRecords: 1, maxBytes: 1 }))[0]?.arrivalMs === batch.arrivalMs,
    );
  }

  async #repeatOne(engine: Engine): Promise<void> {
    const since = this.#clock.now() - BOUNDS.idempotencyKeyLifetimeMs;
    const remembered = this.#answered.filter(({ submittedMs }) => submittedMs > since);
    if (remembered.length === 0 || this.#disk.faultChance > 0 || this.#disk.full) return;
    const { operation, token, answer } = this.#random.pick(remembered);
    assert.deepEqual(await perform(engine, operation, token), answer);
  }

  async #interrupt(engine: Engine): Promise<Engine> {
    const roll = this.#random.next();
    if (roll < 0.15) {
      await this.#pause(engine);
      return await this.#restartCleanly(engine);
    }
    if (roll < 0.4) {
      await this.#settle();
      this.#disk.full = !this.#disk.full;
      return engine;
    }
    return await this.#cutPower(engine);
  }

  async #restartCleanly(engine: Engine): Promise<Engine> {
    this.#disk.faultChance = 0;
    this.#disk.full = false;
    await engine.close();
    this.#lingering = [];
    const next = await this.#open();
    const seen = await observe(next, this.#random);
    this.#keepWorlds((world) => world.describe(LOGS) === seen, seen);
    return next;
  }

  async #cutPower(engine: Engine): Promise<Engine> {
    this.#disk.callsUntilCut = 1 + this.#random.below(12);
    for (let n = this.#random.below(6); n > 0; n--) this.#submit(engine, this.#choose());
    await Promise.all(this.#settling);
    this.#disk.callsUntilCut = 0;
    await engine.close().catch(() => undefined);
    this.#settling = [];
    if (this.#random.chance(0.4)) this.#disk.restartProcess();
    else this.#disk.restart();
    const next = await this.#open();
    this.#decide(await observe(next, this.#random));
    return next;
  }

  /** Which of the operations without an answer survived? Those answered must have, and in order. */
  #decide(seen: string): void {
    const done = this.#underWay.filter(({ outcome }) => outcome === 'done');
    const doubtful = [...this.#lingering, ...this.#underWay.filter(({ outcome }) => outcome === 'failed')];
    const found = new Map<string, Model>();
    const expected: string[] = [];
    for (const world of this.#worlds) {
      for (let start = 0; start <= doubtful.length; start++) {
        for (let end = start; end <= doubtful.length; end++) {
          if (start === end && start > 0) continue;
          const candidate = world.clone();
          for (const { operation } of [...done, ...doubtful.slice(start, end)]) candidate.apply(operation);
          if (candidate.describe(LOGS) === seen) found.set(candidate.identity, candidate);
          else expected.push(candidate.describe(LOGS));
        }
      }
    }
    assert(found.size > 0, `seen: ${seen}\nexpected one of: ${expected.join('\nor ')}`);
    this.#worlds = [...found.values()];
    for (const submitted of done) {
      if (submitted.token !== undefined) this.#answered.push(submitted);
    }
    this.#underWay = [];
    this.#lingering = [];
    this.trace.push(seen);
  }
}

async function settle(submitted: Submitted, answer: Promise<readonly Appended[] | undefined>): Promise<void> {
  try {
    submitted.answer = await answer;
    submitted.outcome = 'done';
  } catch (error) {
    submitted.outcome = outcomeOf(error);
    if (submitted.outcome === 'failed') assertExpected(error);
  }
}

function outcomeOf(error: unknown): 'refused' | 'full' | 'failed' {
  const name = error instanceof Error ? error.name : '';
  if (name === 'LogSealedError') return 'refused';
  return name === 'EngineFullError' || name === 'EngineBusyError' ? 'full' : 'failed';
}

async function matchRepeat(
  first: Submitted,
  settled: Promise<void>,
  answer: Promise<readonly Appended[] | undefined>,
): Promise<void> {
  const [second] = await Promise.allSettled([answer, settled]);
  if (second.status === 'fulfilled') assert.deepEqual(second.value, first.answer);
}

async function perform(
  engine: Engine,
  operation: Operation,
  token: Buffer | undefined,
): Promise<readonly Appended[] | undefined> {
  const { catalog } = engine;
  const table = catalog.table<{ value: number }>('rows');
  switch (operation.kind) {
    case 'append':
      return (
        await engine.append({
          batches: operation.batches.map(({ log, texts }) => ({ log, records: pack(...texts) })),
          ...(token === undefined ? {} : { idempotencyKey: { id: token, digest: Buffer.from('digest') } }),
        })
      ).batches;
    case 'commit':
      return (
        await engine.commit({
          batches: operation.batches.map(({ log, texts }) => ({ log, records: pack(...texts) })),
          change: (to, [first]) => to.put(table, operation.key, { value: first?.firstIndex ?? -1 }),
          ...(token === undefined ? {} : { idempotencyKey: { id: token, digest: Buffer.from('digest') } }),
        })
      ).batches;
    case 'trim':
      await engine.trim(operation.log, operation.before);
      return undefined;
    case 'seal':
      await engine.seal(operation.log);
      return undefined;
    case 'drop':
      await engine.drop(operation.log);
      return undefined;
    case 'put':
      await catalog.commit((to) => to.put(table, operation.key, { value: operation.value }));
      return undefined;
    case 'increment':
      await catalog.commit((to) =>
        to.put(table, operation.key, { value: (to.get(table, operation.key)?.value ?? 0) + 1 }),
      );
      return undefined;
    case 'delete':
      await catalog.commit((to) => to.delete(table, operation.key));
      return undefined;
    case 'rows':
      await engine.commit({
        change: (to) => {
          for (const [key, value] of operation.changes) {
            if (value === null) to.delete(engine.tables.open('rows'), key);
            else to.put(engine.tables.open('rows'), key, { value });
          }
        },
      });
      return undefined;
  }
}

async function observe(engine: Engine, random: Random): Promise<string> {
  const lines: string[] = [];
  for (const log of LOGS) {
    const bounds = engine.bounds(log);
    const texts: string[] = [];
    let index = bounds.firstIndex;
    while (index < bounds.nextIndex) {
      const batches = await engine.read(log, index, {
        maxRecords: 1 + random.below(40),
        maxBytes: 1 + random.below(2000),
      });
      for (const batch of batches) {
        assert.equal(batch.firstIndex, index);
        index += batch.count;
      }
      texts.push(...textsOf(batches));
    }
    lines.push(describeLog(log, bounds, texts));
  }
  const rows = [...engine.catalog.table<{ value: number }>('rows').entries()];
  const inMemory = rows.map(([key, row]) => `${key}=${row.value}`).join(' ');
  return [...lines, inMemory, describeRows(await observeRows(engine, random))].join('\n');
}

/** Of the table on disk: a scan, against single rows. */
async function observeRows(engine: Engine, random: Random): Promise<(readonly [string, string])[]> {
  const table = engine.tables.open<{ value: string }>('rows');
  const found: (readonly [string, string])[] = [];
  for await (const [key, { value }] of table.entries()) found.push([key, value]);
  assert.deepEqual(
    found.map(([key]) => key),
    found.map(([key]) => key).sort(),
  );
  for (let n = 0; n < 4; n++) {
    const key = `${random.pick(ROW_PREFIXES)}${random.below(12)}`;
    assert.equal((await table.get(key))?.value, new Map(found).get(key));
  }
  return found;
}

function isPowerCut(error: unknown): boolean {
  return error instanceof Error && (error.constructor.name === 'PowerCut' || isPowerCut(error.cause));
}

const EXPECTED = ['EngineWriteError', 'EngineFullError', 'EngineClosedError'];

function assertExpected(error: unknown): void {
  if (!(error instanceof Error) || !EXPECTED.includes(error.name)) throw error;
}
