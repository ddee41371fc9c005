import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';

import { eventually } from '../../support/eventually.ts';
import type { Content, Counts, KnownRecords } from './known-records.ts';

interface Batch {
  readonly requestId: string;
  readonly first: string;
  last: string;
}

/**
 * Follows what note-batches.mjs notes: nothing is skipped, a server hands the batches of a shard in order and none
 * twice, and the next one hands again at most a batch after which no checkpoint was made, from its beginning on.
 */
export class HandledBatches {
  readonly #file: string;
  readonly #known: KnownRecords;
  #bytes = 0;
  #repeats = 0;
  /** How many records of each voice were handled. */
  readonly #counts: number[] = [];
  /** The newest of each shard and server; servers in the order of their lives. */
  readonly #batches = new Map<string, Map<string, Batch>>();

  constructor(file: string, known: KnownRecords) {
    this.#file = file;
    this.#known = known;
  }

  /** Records that were handled more than once. */
  get repeats(): number {
    return this.#repeats;
  }

  /** Waits until all these are handled. */
  async until(counts: Counts): Promise<void> {
    await eventually('each record is handled', async () => {
      await this.#read();
      return counts.every((count, voice) => (this.#counts[voice] ?? 0) >= count);
    });
  }

  async #read(): Promise<void> {
    await using file = await open(this.#file);
    const { size } = await file.stat();
    const { buffer } = await file.read({ buffer: Buffer.alloc(size - this.#bytes), position: this.#bytes });
    // A write that is under way may be there in part.
    const whole = buffer.subarray(0, buffer.lastIndexOf('\n') + 1);
    this.#bytes += whole.length;
    for (const line of whole.toString().split('\n').slice(0, -1)) {
      const [server = '', requestId = '', shardId = '', sequenceNumber = '', voice, n] = line.split(' ');
      this.#takeBatch(server, requestId, shardId, sequenceNumber);
      this.#takeRecord({ voice: Number(voice), n: Number(n) });
    }
  }

  #takeBatch(server: string, requestId: string, shardId: string, sequenceNumber: string): void {
    const ofShard = this.#batches.get(shardId) ?? new Map<string, Batch>();
    this.#batches.set(shardId, ofShard);
    const batch = ofShard.get(server);
    const before = batch ?? [...ofShard.values()].at(-1);
    const goesOn = before === undefined || before.last < sequenceNumber;
    const isAgain = batch === undefined && before?.first === sequenceNumber;
    assert(goesOn || isAgain, `${shardId}: ${sequenceNumber} is handed after ${JSON.stringify(before)}`);
    if (batch?.requestId === requestId) batch.last = sequenceNumber;
    else ofShard.set(server, { requestId, first: sequenceNumber, last: sequenceNumber });
  }

  #takeRecord({ voice, n }: Content): void {
    const count = this.#counts[voice] ?? 0;
    assert(n <= count, `record ${n} of voice ${voice} is handled after ${count - 1}`);
    this.#known.checkSent({ voice, n }, 'the function');
    if (n < count) this.#repeats++;
    else this.#counts[voice] = n + 1;
  }
}
