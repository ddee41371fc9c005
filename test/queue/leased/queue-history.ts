import assert from 'node:assert/strict';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import type { ReceivedMessage } from '../../../src/queue/leased/contract.ts';
import { Deduplication } from '../../../src/queue/leased/deduplication.ts';
import { DeletedMessages } from '../../../src/queue/leased/deleted-messages.ts';
import { LeasedQueue } from '../../../src/queue/leased/leased-queue.ts';
import { ReadAhead } from '../../../src/queue/leased/read-ahead.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { tinyTables } from '../../engine/embedded/store.ts';
import { FaultyDisk } from '../../engine/simulation/faulty-disk.ts';
import { Random } from '../../engine/simulation/random.ts';
import { MemoryDisk, MemoryEngine } from '../memory-engine.ts';

const LIVES = 3;
const STEPS = 50;
const GROUPS = ['a', 'b', 'c'];
const VISIBILITIES_MS = [0, 1_000, 30_000];
const never = new AbortController().signal;

interface Sent {
  readonly body: string;
  readonly group: string;
  isAcknowledged: boolean;
  /** Its place among the messages of the queue. */
  number: number | undefined;
  /** A deletion was begun, and may have taken effect. */
  isLeaving: boolean;
  /** In the order of everything that ended; Infinity while it is not deleted. */
  deletedAt: number;
}

interface Held {
  readonly sent: Sent;
  readonly handle: string;
  untilMs: number;
  /** When it was received, in the order of everything that ended. */
  readonly heldAt: number;
  /** Changes of its visibility that are under way. */
  changes: number;
}

/**
 * Random sends, receives, changes of visibility, deletions, kills and power cuts of a queue, and a model of what it promised: no
 * acknowledged message is lost, no deleted one comes back, what is in flight is not received, and in a FIFO queue nothing
 * is received while an earlier message of its group is in flight, and no key is accepted twice.
 */
export class QueueHistory {
  readonly trace: string[] = [];
  readonly #random: Random;
  /** Of the real engine; undefined for the one in memory. */
  readonly #disk: FaultyDisk | undefined;
  readonly #memoryDisk = new MemoryDisk();
  #clock = new ManualClock(1_700_000_000_000);
  readonly #isOrdered: boolean;
  readonly #handleKey = Buffer.alloc(16, 7);
  readonly #sent = new Map<string, Sent>();
  /** Keys with the message that was acknowledged first, and when. */
  readonly #keys = new Map<string, { readonly body: string; readonly sentMs: number }>();
  #held: Held[] = [];
  #memory: MemoryEngine | undefined;
  #stepsLeft = Infinity;
  #bodies = 0;
  #broken: unknown;
  #now = 0;

  constructor(seed: number, engine: 'real' | 'in memory') {
    this.#random = new Random(seed);
    this.#disk = engine === 'real' ? new FaultyDisk(this.#random) : undefined;
    this.#isOrdered = this.#random.below(2) === 0;
  }

  async run(): Promise<void> {
    for (let life = 0; life < LIVES; life++) await this.#liveAndDie();
    await this.#drain();
  }

  async #liveAndDie(): Promise<void> {
    const isKilled = this.#random.below(3) > 0;
    if (isKilled) this.#dieAt(1 + this.#random.below(STEPS));
    const opened = await this.#start().catch((error: unknown) => {
      if (this.#isAlive) throw error;
      return undefined;
    });
    if (opened !== undefined) {
      const work: Promise<void>[] = [];
      for (let step = 0; step < STEPS && this.#isAlive; step++) {
        work.push(this.#step(opened).catch((error: unknown) => void (this.#broken ??= error)));
        await this.#turns(this.#random.below(4));
      }
      await Promise.all(work);
      if (this.#broken !== undefined) throw this.#broken;
      const ends = Promise.allSettled([opened.queue.close()]).then(() => opened.engine.close());
      await ends.catch((error: unknown) => {
        if (this.#isAlive) throw error;
      });
    }
    this.trace.push(`${this.#isAlive ? 'stopped' : 'killed'} with ${this.#sent.size} sent`);
    // Leases of a standard queue end with a process that is killed.
    if (!this.#isAlive && !this.#isOrdered) this.#held = [];
    // Nothing of this life may reach the disk of the next one.
    await this.#turns(10);
    this.#stepsLeft = Infinity;
    this.#memory = undefined;
    // What the process of this life had scheduled ends with it.
    this.#clock = new ManualClock(this.#clock.now());
    if (this.#random.below(2) === 0) this.#disk?.restart();
    else this.#disk?.restartProcess();
  }

  #dieAt(count: number): void {
    if (this.#disk === undefined) this.#stepsLeft = count;
    else this.#disk.callsUntilCut = count * 8;
  }

  get #isAlive(): boolean {
    return this.#disk === undefined ? this.#stepsLeft > 0 : this.#disk.callsUntilCut > 0;
  }

  async #start(): Promise<{ engine: Engine; queue: LeasedQueue; once: Deduplication }> {
    const engine = await this.#openEngine();
    const queue = new LeasedQueue({
      engine,
      clock: this.#clock,
      log: silentLog,
      id: 'history',
      handleKey: this.#handleKey,
      isOrdered: this.#isOrdered,
      rules: () => ({ retentionMs: 86_400_000, delayMs: 0, receivesMax: undefined }),
      onDead: () => Promise.resolve(),
      deleted: new DeletedMessages(engine.catalog),
      readAhead: new ReadAhead(),
    });
    return { engine, queue, once: new Deduplication({ engine, clock: this.#clock, queue }) };
  }

  async #openEngine(): Promise<Engine> {
    if (this.#disk === undefined)
      return (this.#memory = new MemoryEngine(this.#memoryDisk, this.#random, this.#clock));
    return await openEmbeddedEngine({
      folder: '',
      clock: this.#clock,
      log: silentLog,
      disk: this.#disk,
      bounds: { segmentBytes: 4000, reserveBytes: 2000, ...tinyTables, memtableBytes: 3000 },
    });
  }

  /** One thing that a client does, or time that passes. A failure is a promise broken, or the end of this life. */
  async #step({ queue, once }: { queue: LeasedQueue; once: Deduplication }): Promise<void> {
    if (--this.#stepsLeft <= 0) this.#memory?.kill();
    const kind = this.#random.below(10);
    try {
      if (kind < 3) await this.#send(queue, once);
      else if (kind < 6) await this.#receive(queue);
      else if (kind < 8) await this.#delete(queue);
      else if (kind < 9) await this.#change(queue);
      else {
        this.#clock.advance(this.#random.below(20_000));
        if (this.#random.below(4) === 0) await queue.sweep();
      }
    } catch (error) {
      if (error instanceof assert.AssertionError || this.#isAlive) throw error;
    }
  }

  async #send(queue: LeasedQueue, once: Deduplication): Promise<void> {
    const body = String(this.#bodies++);
    const group = GROUPS[this.#random.below(GROUPS.length)] ?? 'a';
    const sent: Sent = {
      body,
      group,
      isAcknowledged: false,
      number: undefined,
      isLeaving: false,
      deletedAt: Infinity,
    };
    this.#sent.set(body, sent);
    const id = Buffer.alloc(16);
    id.writeUInt32BE(this.#bodies);
    const delayMs = this.#random.below(4) === 0 ? 5_000 : 0;
    const message = { id, digest: '0'.repeat(32), body, groupId: group, delayMs };
    if (!this.#isOrdered) {
      await queue.send([message]);
      sent.isAcknowledged = true;
      return;
    }
    const key = this.#random.below(4) === 0 ? `key${this.#random.below(5)}` : body;
    const begunMs = this.#clock.now();
    const [answer] = await once.send([{ ...message, key }]);
    assert(answer !== undefined);
    const nowMs = this.#clock.now();
    const earlier = this.#keys.get(key);
    if (answer.isRepeat) {
      // The message with this key may have been sent by a call that was not acknowledged.
      this.#sent.delete(body);
      return;
    }
    if (earlier !== undefined) {
      assert(nowMs - earlier.sentMs >= 300_000, `${key} was accepted twice within five minutes`);
    }
    this.#keys.set(key, { body, sentMs: begunMs });
    sent.number = answer.number;
    sent.isAcknowledged = true;
  }

  async #receive(queue: LeasedQueue): Promise<void> {
    const visibilityMs = VISIBILITIES_MS[this.#random.below(VISIBILITIES_MS.length)] ?? 0;
    const most = 1 + this.#random.below(4);
    const life = this.#memory;
    const begunMs = this.#clock.now();
    const begun = this.#now;
    const received = await queue.receive({ most, visibilityMs, waitMs: 0, signal: never });
    if (life !== this.#memory || !this.#isAlive) return;
    this.#check(received, begun);
    // From then on, or from later.
    const untilMs = begunMs + visibilityMs;
    for (const { message, receiptHandle: handle } of received) {
      const sent = this.#sentAs(message.body.toString());
      // Of receives that were under way at once, either may have been the last.
      const isUnclear = this.#held.some((held) => held.sent === sent && held.heldAt > begun);
      this.#held = this.#held.filter((held) => held.sent !== sent);
      if (visibilityMs === 0 || isUnclear) continue;
      this.#held.push({ sent, handle, untilMs, heldAt: ++this.#now, changes: 0 });
    }
  }

  /** `begun`: what was deleted by then is not received. */
  #check(received: readonly ReceivedMessage[], begun: number): void {
    const nowMs = this.#clock.now();
    const numbers = new Map<string, number>();
    for (const { message, number } of received) {
      const sent = this.#sentAs(message.body.toString());
      sent.number ??= number;
      assert(sent.deletedAt > begun, `${sent.body} was deleted, and is received`);
      const held = this.#held.find((one) => one.sent === sent && one.heldAt <= begun);
      assert(
        held === undefined || held.untilMs <= nowMs || sent.isLeaving,
        `${sent.body} is in flight twice`,
      );
      if (!this.#isOrdered) continue;
      assert(number > (numbers.get(sent.group) ?? -1), 'a group is received out of order');
      numbers.set(sent.group, number);
      for (const { sent: other, untilMs, heldAt } of this.#held) {
        const isEarlier =
          heldAt <= begun && other.group === sent.group && (other.number ?? Infinity) < number;
        assert(
          !isEarlier || untilMs <= nowMs || other.isLeaving,
          `${sent.body} is received while ${other.body} of its group is in flight`,
        );
      }
    }
  }

  async #delete(queue: LeasedQueue): Promise<void> {
    const held = this.#held[this.#random.below(this.#held.length || 1)];
    if (held === undefined) return;
    held.sent.isLeaving = true;
    const [result] = await queue.delete([held.handle]);
    if (result === 'done') held.sent.deletedAt = Math.min(held.sent.deletedAt, ++this.#now);
    else assert.equal(result, 'expired');
    this.#held = this.#held.filter((one) => one !== held);
  }

  async #change(queue: LeasedQueue): Promise<void> {
    const held = this.#held[this.#random.below(this.#held.length || 1)];
    if (held === undefined) return;
    const visibilityMs = VISIBILITIES_MS[this.#random.below(VISIBILITIES_MS.length)] ?? 0;
    const nowMs = this.#clock.now();
    // Meanwhile either may hold, and of several changes any may be the last.
    held.untilMs = Math.min(held.untilMs, nowMs + visibilityMs);
    held.changes++;
    const isAlone = held.changes === 1;
    const result = await queue.changeVisibility(held.handle, visibilityMs, () => {});
    if (result === 'done' && isAlone && held.changes === 1) held.untilMs = nowMs + visibilityMs;
    held.changes--;
  }

  #sentAs(body: string): Sent {
    const sent = this.#sent.get(body);
    assert(sent !== undefined, `${body} was never sent, or was sent before`);
    return sent;
  }

  /** In a last life without faults everything is received and deleted. */
  async #drain(): Promise<void> {
    const { engine, queue } = await this.#start();
    const got = new Set<string>();
    for (let round = 0; round < 400; round++) {
      const received = await queue.receive({ most: 10, visibilityMs: 60_000, waitMs: 0, signal: never });
      this.#check(received, this.#now);
      for (const { message, receiptHandle } of received) {
        got.add(message.body.toString());
        assert.deepEqual(await queue.delete([receiptHandle]), ['done']);
        this.#sentAs(message.body.toString()).deletedAt = ++this.#now;
      }
      if (received.length === 0) this.#clock.advance(10_000);
      if (queue.isEmpty) break;
    }
    assert(queue.isEmpty, 'messages are never received');
    assert.deepEqual(await queue.counts(), { visible: 0, inFlight: 0, delayed: 0 });
    for (const { body, isAcknowledged, isLeaving } of this.#sent.values()) {
      assert(!isAcknowledged || isLeaving || got.has(body), `${body} was acknowledged, and is lost`);
    }
    await queue.close();
    await engine.close();
  }

  async #turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
}
