import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';

import { until } from '../../support/until.ts';
import type { Content, Counts, KnownRecords } from './known-records.ts';

interface Noted extends Content {
  readonly sequenceNumber: string;
}

interface Batch {
  readonly requestId: string;
  readonly records: Noted[];
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
    await until(
      async () => {
        await this.#read();
        return counts.every((count, voice) => (this.#counts[voice] ?? 0) >= count);
      },
      { what: 'each record is handled', withinMs: 60_000 },
    );
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
      const noted = { sequenceNumber, voice: Number(voice), n: Number(n) };
      this.#takeBatch(server, requestId, shardId, noted);
      this.#takeRecord(noted);
    }
  }

  #takeBatch(server: string, requestId: string, shardId: string, noted: Noted): void {
    const ofShard = this.#batches.get(shardId) ?? new Map<string, Batch>();
    this.#batches.set(shardId, ofShard);
    const batch = ofShard.get(server);
    const before = batch ?? [...ofShard.values()].at(-1);
    const goesOn = (before?.records.at(-1)?.sequenceNumber ?? '') < noted.sequenceNumber;
    const isAgain = batch === undefined && before !== undefined && this.#isAgain(before, noted);
    assert(
      goesOn || isAgain,
      `${shardId}: ${noted.sequenceNumber} is handed after ${JSON.stringify(before)}`,
    );
    if (batch?.requestId === requestId) batch.records.push(noted);
    else ofShard.set(server, { requestId, records: [noted] });
  }

  /** From the beginning on, but for what has expired since. */
  #isAgain({ records }: Batch, { sequenceNumber }: Noted): boolean {
    const place = records.findIndex((record) => record.sequenceNumber === sequenceNumber);
    return place >= 0 && records.slice(0, place).every((record) => this.#known.mayBeGone(record));
  }

  #takeRecord({ voice, n }: Content): void {
    const count = this.#counts[voice] ?? 0;
    assert(n <= count, `record ${n} of voice ${voice} is handled after ${count - 1}`);
    this.#known.checkSent({ voice, n }, 'the function');
    if (n < count) this.#repeats++;
    else this.#counts[voice] = n + 1;
  }
}
