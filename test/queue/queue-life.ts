import assert from 'node:assert/strict';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { Table } from '../../src/engine/catalog.ts';
import { Dispatcher, type Verdict } from '../../src/queue/dispatcher.ts';
import { DurableQueue, QueueFullError } from '../../src/queue/durable-queue.ts';
import type { QueueMessage, Receiver } from '../../src/queue/message.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { tinyTables } from '../engine/embedded/store.ts';
import { MemoryDisk, MemoryEngine } from './memory-engine.ts';
import { FaultyDisk } from '../engine/simulation/faulty-disk.ts';
import { Random } from '../engine/simulation/random.ts';

interface Head {
  /** Of the message; one that goes to several lanes is one message for each. */
  readonly id: string;
}

interface Sent {
  readonly id: string;
  readonly lane: string;
  /** Rises in the order of the commits. */
  number: number | undefined;
  acknowledged: boolean;
}

const LANES = ['a', 'b', 'c', 'd'];
const LIVES = 3;

/** A queue, its dispatcher, and a model of both, through several lives of a server that is killed at any call. */
export class QueueLife {
  readonly trace: string[] = [];
  readonly #random: Random;
  /** Of the real engine; undefined for the one in memory. */
  readonly #disk: FaultyDisk | undefined;
  readonly #memoryDisk = new MemoryDisk();
  #memory: MemoryEngine | undefined;
  #stepsLeft = Infinity;
  readonly #ordered: boolean;
  readonly #clock = new ManualClock(1_700_000_000_000);
  readonly #sent = new Map<string, Sent>();
  /** Attempts under way in this life, by lane. */
  #inFlight = new Map<string, Set<string>>();
  /** What a model of the queue would not have done. */
  #broken: unknown;
  #done: Table<Head> | undefined;
  #isCalm = false;
  #ids = 0;

  constructor(seed: number, engine: 'real' | 'in memory') {
    this.#random = new Random(seed);
    this.#disk = engine === 'real' ? new FaultyDisk(this.#random) : undefined;
    this.#ordered = this.#random.below(2) === 0;
  }

  async run(): Promise<void> {
    for (let life = 0; life < LIVES; life++) {
      await this.#liveAndDie();
      this.#check();
    }
    await this.#drain();
    this.#check();
  }

  #check(): void {
    if (this.#broken !== undefined) throw new Error('a promise is broken', { cause: this.#broken });
  }

  /** Ends with a kill or a power cut, or with an orderly stop. */
  async #liveAndDie(): Promise<void> {
    const fate = this.#random.below(4);
    if (fate > 0) this.#dieAt(1 + this.#random.below(fate === 1 ? 20 : 60));
    const opened = await this.#start().catch((error: unknown) => {
      if (this.#isAlive) throw error;
      return undefined;
    });
    if (opened !== undefined) {
      const { engine, queue, dispatcher } = opened;
      for (let step = 0; step < 60 && this.#isAlive; step++) await this.#step(queue, dispatcher);
      // A server that was killed does this too, but nothing of it reaches the disk any more.
      await this.#settle(5);
      await dispatcher.close();
      await engine.close().catch((error: unknown) => {
        if (this.#isAlive) throw error;
      });
    }
    this.trace.push(this.#isAlive ? 'stopped' : 'killed');
    await this.#settle(5);
    this.#stepsLeft = Infinity;
    this.#memory = undefined;
    if (fate === 1) this.#disk?.restartProcess();
    else this.#disk?.restart();
  }

  /** After so many steps, or calls of the disk. */
  #dieAt(count: number): void {
    if (this.#disk === undefined) this.#stepsLeft = count;
    else this.#disk.callsUntilCut = count * 6;
  }

  get #isAlive(): boolean {
    return this.#disk === undefined ? this.#stepsLeft > 0 : this.#disk.callsUntilCut > 0;
  }

  /** In a last life without faults everything comes to its end. */
  async #drain(): Promise<void> {
    this.#isCalm = true;
    const { engine, queue, dispatcher } = await this.#start();
    for (let round = 0; queue.waiting > 0; round++) {
      this.#check();
      assert(round < 3_000, `${queue.waiting} messages are never delivered`);
      await this.#settle(2);
      this.#clock.advance(500);
    }
    await dispatcher.close();
    for (const { id, acknowledged } of this.#sent.values()) {
      if (acknowledged) assert(this.#done?.get(id) !== undefined, `${id} was acknowledged, and is lost`);
    }
    assert.equal(await queue.nextLane(undefined), undefined, 'a row is left');
    await engine.close();
  }

  async #start(): Promise<{ engine: Engine; queue: DurableQueue<Head>; dispatcher: Dispatcher<Head> }> {
    const inFlight = new Map<string, Set<string>>();
    this.#inFlight = inFlight;
    const engine = await this.#openEngine();
    this.#done = engine.catalog.table('test.done');
    const queue = await DurableQueue.open<Head>({
      engine,
      clock: this.#clock,
      log: silentLog,
      name: 'test',
      waitingMax: 60,
      ordered: this.#ordered,
      windowMessages: 2 + this.#random.below(6),
    });
    await this.#checkCounts(queue);
    const dispatcher = new Dispatcher<Head>({
      queue,
      clock: this.#clock,
      log: silentLog,
      noun: 'a message',
      atOnceMax: 6,
      lanesMax: 1 + this.#random.below(5),
      atOncePerLaneMax: () => 3,
      attempt: (message, body, signal) => this.#attempt(inFlight, message, body, signal),
    });
    dispatcher.start();
    return { engine, queue, dispatcher };
  }

  async #openEngine(): Promise<Engine> {
    if (this.#disk === undefined) return (this.#memory = new MemoryEngine(this.#memoryDisk, this.#random));
    return await openEmbeddedEngine({
      folder: '',
      clock: this.#clock,
      log: silentLog,
      disk: this.#disk,
      bounds: { segmentBytes: 4000, reserveBytes: 2000, ...tinyTables, memtableBytes: 3000 },
    });
  }

  async #checkCounts(queue: DurableQueue<Head>): Promise<void> {
    let rows = 0;
    for (let lane = await queue.nextLane(undefined); lane !== undefined; lane = await queue.nextLane(lane)) {
      for (const message of [
        ...(await queue.readReady(lane, 0, 1000)),
        ...(await queue.readDelayed(lane, undefined, 1000)),
      ]) {
        rows++;
        const { id } = message.head;
        assert(this.#done?.get(id) === undefined, `${id} is done and waits`);
        assert.equal((await queue.body(message))?.toString(), textOf(id));
      }
    }
    assert.equal(queue.waiting, rows, 'the count is not that of the rows');
  }

  async #step(queue: DurableQueue<Head>, dispatcher: Dispatcher<Head>): Promise<void> {
    if (--this.#stepsLeft <= 0) this.#memory?.kill();
    const kind = this.#random.below(5);
    if (kind < 2) {
      // Not awaited: many are under way at once.
      void this.#send(queue, dispatcher);
    } else if (kind === 2) this.#clock.advance(this.#random.below(3_000));
    else await this.#settle(this.#random.below(4));
  }

  async #send(queue: DurableQueue<Head>, dispatcher: Dispatcher<Head>): Promise<void> {
    const messages = Array.from({ length: 1 + this.#random.below(3) }, () => {
      const name = `m${this.#ids++}`;
      const first = this.#random.below(LANES.length);
      const lanes = LANES.slice(first, first + 1 + this.#random.below(2));
      const to = lanes.map((lane): Receiver<Head> => {
        const id = `${name}/${lane}`;
        this.#sent.set(id, { id, lane, number: undefined, acknowledged: false });
        const isDelayed = this.#random.below(4) === 0;
        return {
          lane,
          head: { id },
          ...(isDelayed ? { dueMs: this.#clock.now() + this.#random.below(4_000) } : {}),
        };
      });
      return { body: Buffer.from(textOf(name)), to };
    });
    try {
      const sent = await queue.send(messages);
      // Word of commits comes in any order.
      for (let turns = this.#random.below(12); turns > 0; turns--) await Promise.resolve();
      for (const { head, number } of sent) {
        const known = this.#sent.get(head.id);
        assert(known !== undefined);
        known.number = number;
        known.acknowledged = true;
      }
      this.trace.push(`sent ${sent.map(({ head }) => head.id).join(' ')}`);
      dispatcher.accept(sent);
    } catch (error) {
      if (error instanceof assert.AssertionError) this.#broken ??= error;
      this.trace.push(error instanceof QueueFullError ? 'full' : 'not sent');
    }
  }

  async #attempt(
    inFlight: Map<string, Set<string>>,
    { lane, number, head, attempts }: QueueMessage<Head>,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { id } = head;
    if (inFlight !== this.#inFlight) return { type: 'interrupted' };
    this.trace.push(`attempt ${id} ${attempts}`);
    try {
      this.#checkAttempt(inFlight, lane, number, id);
      assert.equal(body.toString(), textOf(id));
    } catch (error) {
      this.#broken ??= error;
    }
    const ofLane = inFlight.get(lane);
    ofLane?.add(id);
    await this.#settle(this.#random.below(4));
    ofLane?.delete(id);
    return this.#verdict(head, signal);
  }

  #checkAttempt(inFlight: Map<string, Set<string>>, lane: string, number: number, id: string): void {
    assert(this.#done?.get(id) === undefined, `${id} is delivered after it was done`);
    const ofLane = inFlight.get(lane) ?? new Set();
    inFlight.set(lane, ofLane);
    assert(!ofLane.has(id), `${id} is in flight twice`);
    assert(ofLane.size < (this.#ordered ? 1 : 3), `too many of lane ${lane} are in flight`);
    if (this.#ordered) {
      for (const earlier of this.#sent.values()) {
        const isBefore = earlier.lane === lane && (earlier.number ?? Infinity) < number;
        if (isBefore) assert(this.#done?.get(earlier.id), `${id} is delivered before ${earlier.id} is done`);
      }
    }
  }

  #verdict(head: Head, signal: AbortSignal): Verdict {
    const done = this.#done;
    assert(done !== undefined);
    const chance = this.#isCalm ? 0 : this.#random.below(8);
    if (chance === 1) return { type: 'failed', retryAfterMs: this.#random.below(3_000) };
    if (chance === 2) return { type: 'notBegun', retryAfterMs: this.#random.below(1_000) };
    if (chance === 3) throw new Error('a fault of the server');
    if (chance === 4 && signal.aborted) return { type: 'interrupted' };
    return { type: 'settled', change: (transaction) => transaction.put(done, head.id, head) };
  }

  /** Lets everything go on that is ready. */
  async #settle(turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}

function textOf(id: string): string {
  return `the body of ${id.split('/')[0]}`;
}
