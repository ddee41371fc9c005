import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ShardBatch } from '../../src/consumers/batch.ts';
import { KeyedLock } from '../../src/support/keyed-lock.ts';
import { StreamConsumer } from '../../src/consumers/stream-consumer.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { MemoryPositions } from '../support/memory-positions.ts';
import { seededPick } from '../support/random.ts';

const HISTORIES = 60;
const STEPS = 60;
const TURNS_MAX = 200_000;

/** A stream that is put to, split and merged, and a consumer that fails, checkpoints parts, stops and starts. */
class History {
  readonly #random: (below: number) => number;
  readonly #clock = new ManualClock();
  readonly #source = new FakeStreams(() => this.#clock.now());
  readonly #positions = new MemoryPositions();
  readonly #shardLocks = new KeyedLock();
  readonly #lanes: number;
  /** Where records are put now, by key: one shard each, which changes with the reshardings. */
  readonly #put = new Map<string, number>();
  readonly #handled = new Map<string, number[]>();
  readonly #checkpointed = new Map<string, number>();
  /** What the handler saw and should not have: what it throws, the consumer takes for a failure of the batch. */
  readonly #wrongs: string[] = [];
  #consumer: StreamConsumer;

  constructor(seed: number) {
    this.#random = seededPick(seed);
    this.#lanes = 1 + this.#random(3);
    this.#source.create('s', 1 + this.#random(3));
    this.#consumer = this.#start();
  }

  async run(): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      await this.#step();
      for (let turn = this.#random(5); turn > 0; turn--) await this.#pass();
    }
    for (let turn = 0; !this.#complete(); turn++) {
      assert.ok(turn < TURNS_MAX, 'every record is handled in the end');
      await this.#pass();
    }
    await this.#consumer.close();
    this.#check();
  }

  #start(): StreamConsumer {
    const consumer = new StreamConsumer({
      name: 'test',
      stream: 's',
      source: this.#source,
      positions: this.#positions,
      shardLocks: this.#shardLocks,
      batch: {
        recordsMax: 1 + this.#random(5),
        bytesMax: 1 + this.#random(50),
        windowMs: this.#random(2) * 30,
        lanes: this.#lanes,
      },
      handle: (batch) => this.#handle(batch),
      clock: this.#clock,
      log: silentLog,
    });
    consumer.start();
    return consumer;
  }

  async #handle(batch: ShardBatch): Promise<void> {
    for (let turn = this.#random(4); turn > 0; turn--) await Promise.resolve();
    let count = 0;
    for (const { partitionKey, data } of batch.records) {
      if (this.#random(10) === 0) {
        if (this.#random(2) === 0) await this.#checkpoint(batch, count);
        throw new Error('a failure of the history');
      }
      const number = Number(Buffer.from(data).toString().split('=')[1]);
      const checkpointed = this.#checkpointed.get(partitionKey) ?? -1;
      if (number <= checkpointed)
        this.#wrongs.push(`${partitionKey}=${number} comes again after its checkpoint`);
      const handled = this.#handled.get(partitionKey) ?? [];
      const furthest = Math.max(-1, ...handled);
      if (number > furthest + 1) this.#wrongs.push(`${partitionKey}=${number} comes before ${furthest + 1}`);
      this.#handled.set(partitionKey, [...handled, number]);
      count++;
    }
  }

  async #checkpoint(batch: ShardBatch, count: number): Promise<void> {
    await batch.checkpoint(count);
    // With several lanes the position is the shard's: what is behind another lane's gap may come again after a stop.
    if (this.#lanes > 1) return;
    for (const { partitionKey, data } of batch.records.slice(0, count)) {
      this.#checkpointed.set(partitionKey, Number(Buffer.from(data).toString().split('=')[1]));
    }
  }

  async #step(): Promise<void> {
    const open = (this.#source.describe('s')?.shards ?? []).filter(({ closed }) => !closed);
    const shard = open[this.#random(open.length)];
    assert.ok(shard !== undefined);
    const kind = this.#random(20);
    if (kind === 0) this.#source.split('s', shard.shardId);
    else if (kind === 1) {
      const neighbour = open.find((other) => other.startingHashKey === shard.endingHashKey + 1n);
      if (neighbour !== undefined) this.#source.merge('s', shard.shardId, neighbour.shardId);
    } else if (kind === 2) {
      await this.#stopAndStart();
    } else this.#putSome();
  }

  #putSome(): void {
    for (let count = 1 + this.#random(4); count > 0; count--) {
      const place = this.#random(8);
      const hashKey = (2n ** 128n / 8n) * BigInt(place);
      const shard = this.#source
        .describe('s')
        ?.shards.find(
          (each) => !each.closed && each.startingHashKey <= hashKey && hashKey <= each.endingHashKey,
        );
      assert.ok(shard !== undefined);
      const key = `k${place}`;
      const number = this.#put.get(key) ?? 0;
      this.#put.set(key, number + 1);
      this.#source.put('s', shard.shardId, `${key}=${number}`);
    }
  }

  async #stopAndStart(): Promise<void> {
    const state = { closed: false };
    const closing = this.#consumer.close().then(() => (state.closed = true));
    while (!state.closed) await this.#pass();
    await closing;
    this.#consumer = this.#start();
  }

  async #pass(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#clock.advance(25);
  }

  #complete(): boolean {
    return [...this.#put].every(([key, count]) => this.#handled.get(key)?.includes(count - 1) === true);
  }

  #check(): void {
    assert.deepEqual(this.#wrongs, []);
    for (const [key, count] of this.#put) {
      const handled = new Set(this.#handled.get(key));
      assert.equal(handled.size, count, `${key}: all ${count} were handled`);
    }
  }
}

describe('histories of a consumer', () => {
  test('lose no record and keep the order of each key, whatever fails, moves or stops', async () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      try {
        await new History(seed).run();
      } catch (error) {
        throw new Error(`history ${seed} failed`, { cause: error });
      }
    }
  });
});
