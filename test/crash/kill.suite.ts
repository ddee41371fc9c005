/**
 * kill -9 again and again of a whole server at work, in its own process and over HTTP: puts by several connections,
 * reshards, retention, tags, consumers and streams that come and go, a list log and a function that is mapped to the
 * stream. Nothing acknowledged is lost or repeated, order is kept, and the catalog is consistent. Repeat a failed run
 * with its SEED; KILLS is their number.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { verifyEngine } from '../../src/engine/embedded/recover/verify.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { spawnServer, temporaryFolder, type ServerProcess } from '../support/server.ts';
import { Caller } from './server-load/caller.ts';
import { CatalogChanges } from './server-load/catalog-changes.ts';
import { HandledBatches } from './server-load/handled-batches.ts';
import { KnownRecords } from './server-load/known-records.ts';
import { KnownShards } from './server-load/known-shards.ts';
import { ListLogLines } from './server-load/list-log-lines.ts';
import { STREAM, Writer } from './server-load/putting.ts';
import { listShards, readStream } from './server-load/read-stream.ts';
import { reshardOnAndOn } from './server-load/resharding.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['KILLS'] ?? 14);
const WRITERS = 8;
const VOICES_EACH = 2;
/** By which the clock moves from life to life, so that all expires within the run. */
const STEP_MS = 11 * 3_600_000;
const LOAD_MS_LEAST = 200;
const LOAD_MS_MOST = 900;
const OBJECT = 'archive/lines.txt';

test(`${kills} times kill -9 of a server with all its writers: nothing acknowledged is lost or repeated`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const run = await Run.begin(t);
  for (let kill = 1; kill <= kills; kill++) {
    // Some are killed while they start, which does not count: not all that is checked is checked then.
    while (random() < 0.1) await run.killStarting(random() * 300);
    // Short lives are the more frequent ones.
    await run.live(seed + 100 * kill, LOAD_MS_LEAST + random() ** 2 * (LOAD_MS_MOST - LOAD_MS_LEAST));
    if (kill % 20 === 0) await run.verify();
  }
  await run.end();
});

class Run {
  readonly #t: TestContext;
  readonly #server: ServerProcess;
  readonly #clockFile: string;
  readonly #known = new KnownRecords(WRITERS * VOICES_EACH, () => this.#now());
  readonly #shards = new KnownShards();
  readonly #catalog = new CatalogChanges(STREAM);
  readonly #writers: readonly Writer[];
  readonly #log = new ListLogLines(OBJECT, this.#known);
  readonly #handled: HandledBatches;
  #aheadMs = 0;

  private constructor(t: TestContext, server: ServerProcess, clockFile: string, notes: string) {
    this.#t = t;
    this.#server = server;
    this.#clockFile = clockFile;
    this.#handled = new HandledBatches(notes, this.#known);
    this.#writers = Array.from({ length: WRITERS }, (_, writer) => {
      const voices = Array.from({ length: VOICES_EACH }, (_, place) => writer * VOICES_EACH + place);
      return new Writer({ known: this.#known, voices });
    });
  }

  /** With a server that is dead. */
  static async begin(t: TestContext): Promise<Run> {
    const folder = await temporaryFolder();
    const [clockFile, notes, config] = ['ahead', 'notes', 'nagare.yaml'].map((name) => join(folder, name));
    assert(clockFile !== undefined && notes !== undefined && config !== undefined);
    await writeFile(clockFile, '0');
    await writeFile(notes, '');
    // JSON is YAML.
    await writeFile(config, JSON.stringify(declared(notes)));
    const preload = new URL('server-load/quick-time.ts', import.meta.url).href;
    const server = await spawnServer({
      // The function writes down what it is handed, where the test reads it.
      args: ['--config', config, '--log-level', 'warn', '--function-isolation', 'off'],
      env: { NODE_OPTIONS: `--import ${preload}`, CLOCK_AHEAD_FILE: clockFile },
    });
    t.after(async () => {
      if (server.errorOutput !== '') t.diagnostic(server.errorOutput);
      await server.close();
    });
    await server.kill();
    return new Run(t, server, clockFile, notes);
  }

  /** From the start to the kill: under load, all is looked through that was there before. */
  async live(seed: number, loadMs: number): Promise<void> {
    this.#aheadMs += STEP_MS;
    await writeFile(this.#clockFile, String(this.#aheadMs));
    await this.#server.start();
    const killing = new AbortController();
    const callers: Caller[] = [];
    const caller = (connections?: number): Caller => {
      const made = new Caller(this.#server.endpoint, killing.signal, connections);
      callers.push(made);
      return made;
    };
    const reader = caller(4);
    const settled = this.#catalog.settle(reader);
    const work = Promise.all([
      ...this.#writers.map((writer, place) => writer.work(caller(), seededRandom(seed + 2 + place))),
      reshardOnAndOn(caller(), STREAM, seededRandom(seed)),
      settled.then(() => this.#catalog.work(caller(), seededRandom(seed + 1))),
    ]);
    // However slow the machine is, each life has taken records when it ends.
    const enough = this.#records + WRITERS;
    const loaded = until(() => this.#records >= enough, { what: 'records are put', withinMs: 60_000 });
    await Promise.race([Promise.all([settled, this.#check(reader), reader.pause(loadMs), loaded]), work]);
    killing.abort();
    await this.#server.kill();
    await work;
    for (const made of callers) made.close();
    assert.equal(this.#server.errorOutput, '');
  }

  async killStarting(afterMs: number): Promise<void> {
    const starting = this.#server.start().catch(() => undefined);
    await sleep(afterMs);
    await this.#server.kill();
    await starting;
  }

  /** In the end, without a load: there is exactly what was acknowledged, everywhere. */
  async end(): Promise<void> {
    await this.#server.start();
    const caller = new Caller(this.#server.endpoint, new AbortController().signal, 4);
    await this.#catalog.settle(caller);
    for (const writer of this.#writers) await writer.repeat(caller);
    await this.#check(caller);
    await this.#log.checkWhole(caller);
    caller.close();
    assert.equal(await this.#server.stop('SIGTERM'), 0);
    assert.equal(this.#server.errorOutput, '');
    await this.verify();
    const records = this.#records;
    this.#t.diagnostic(`${records} records, ${this.#handled.repeats} of them handled again`);
    assert(records >= kills * WRITERS, 'there was a load');
  }

  async verify(): Promise<void> {
    const report = await verifyEngine({ folder: join(this.#server.dataDir, 'engine') });
    assert.deepEqual(report.findings, []);
  }

  async #check(caller: Caller): Promise<void> {
    const began = this.#known.acknowledged;
    const beganMs = this.#now();
    const shards = await listShards(caller, STREAM);
    this.#shards.check(shards, this.#now());
    const records = await readStream(caller, STREAM, shards);
    this.#known.check(records, began, beganMs);
    await this.#log.until(began, caller);
    await this.#handled.until(began);
  }

  get #records(): number {
    return this.#known.acknowledged.reduce((sum, count) => sum + count, 0);
  }

  #now(): number {
    return Date.now() + this.#aheadMs;
  }
}

function declared(notes: string): object {
  return {
    streams: { [STREAM]: {} },
    buckets: ['archive'],
    functions: {
      notes: {
        path: fileURLToPath(new URL('server-load/note-batches.mjs', import.meta.url)),
        timeout: 60,
        environment: { NOTES: notes },
        eventSources: [{ stream: STREAM, batchSize: 100 }],
      },
    },
    listLogs: { lines: { stream: STREAM, bucket: 'archive', key: 'lines.txt', format: '{voice} {n}' } },
  };
}
