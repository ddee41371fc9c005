import assert from 'node:assert/strict';
import { hash } from 'node:crypto';

import type { ShardDescription, StoredRecord } from './read-stream.ts';

export const DAY_MS = 24 * 3_600_000;
/** The longest retention that the load sets. */
export const RETENTION_MS_MAX = 2 * DAY_MS;

/** What is in a record: who it is of, and its number. */
export interface Content {
  readonly voice: number;
  readonly n: number;
}

/** Records under one partition key, numbered, and what is known of them. */
class Voice {
  /** When each record was first sent, by the server's clock. */
  readonly sentMs: number[] = [];
  /** Of records that were acknowledged: by then they had arrived. */
  readonly acknowledgedMs: number[] = [];
  readonly sequenceNumbers: string[] = [];
  /** How many records there are when a put has been stored, for each put. */
  readonly ends = new Set([0]);
}

/** How many records of each voice. */
export type Counts = readonly number[];

export class KnownRecords {
  readonly #voices: Voice[];
  readonly #now: () => number;

  /** `now`: the server's clock. */
  constructor(voices: number, now: () => number) {
    this.#now = now;
    this.#voices = Array.from({ length: voices }, () => new Voice());
  }

  /** How many are acknowledged. */
  get acknowledged(): Counts {
    return this.#voices.map(({ sequenceNumbers }) => sequenceNumbers.length);
  }

  /** Takes the voice's next records for a put that is sent now. */
  send(of: number, count: number): Content[] {
    const nowMs = this.#now();
    const { sentMs, ends } = this.#voice(of);
    const contents = Array.from({ length: count }, (_, place) => ({ voice: of, n: sentMs.length + place }));
    for (let place = 0; place < count; place++) sentMs.push(nowMs);
    ends.add(sentMs.length);
    return contents;
  }

  acknowledge({ voice: of, n }: Content, sequenceNumber: string): void {
    const { acknowledgedMs, sequenceNumbers } = this.#voice(of);
    assert.equal(sequenceNumbers.length, n);
    acknowledgedMs.push(this.#now());
    sequenceNumbers.push(sequenceNumber);
  }

  /** That a reader or the log was given it: it has been sent. */
  checkSent({ voice: of, n }: Content, where: string): void {
    assert(n < this.#voice(of).sentMs.length, `${where}: record ${n} of voice ${of} was never put`);
  }

  /** It is a day old. */
  mayBeGone({ voice: of, n }: Content): boolean {
    return (this.#voice(of).sentMs[n] ?? Infinity) + DAY_MS <= this.#now();
  }

  /**
   * Of what was acknowledged before the reading began, everything is there once, in order, under its number, in a
   * shard that takes its key; gone may be only what is a day old, and what is two days old must be.
   */
  check(shards: readonly (readonly StoredRecord[])[], began: Counts, beganMs: number): void {
    for (const records of shards) {
      for (const [place, { sequenceNumber, shard }] of records.entries()) {
        const before = records[place - 1]?.sequenceNumber ?? '';
        assert(before < sequenceNumber, `${shard.ShardId}: ${before} lies before ${sequenceNumber}`);
      }
    }
    const found = this.#voices.map((): (StoredRecord & Content)[] => []);
    for (const record of shards.flat()) {
      const content = contentOf(record.data);
      assert.equal(record.partitionKey, keyOf(content.voice));
      found[content.voice]?.push({ ...record, ...content });
    }
    for (const [of, records] of found.entries()) {
      this.#checkVoice(of, sorted(records), began[of] ?? 0, beganMs);
    }
  }

  #checkVoice(
    of: number,
    records: readonly (StoredRecord & Content)[],
    acknowledged: number,
    beganMs: number,
  ): void {
    const { acknowledgedMs, sequenceNumbers, ends } = this.#voice(of);
    const checkMissing = (from: number, to: number): void => {
      if (from >= to) return;
      const isGone = this.mayBeGone({ voice: of, n: to - 1 });
      assert(isGone, `voice ${of}: of records ${from} to ${to - 1} some are lost`);
    };
    let next = 0;
    for (const { n, sequenceNumber, shard } of records) {
      assert(n >= next, `voice ${of}: record ${n} lies behind record ${next - 1}`);
      checkMissing(next, n);
      next = n + 1;
      const known = sequenceNumbers[n];
      if (known !== undefined)
        assert.equal(sequenceNumber, known, `the number of record ${n} of voice ${of}`);
      const oldestMs = acknowledgedMs[n] ?? Infinity;
      assert(oldestMs + RETENTION_MS_MAX > beganMs, `voice ${of}: record ${n} should have expired`);
      assert(takes(shard, of), `voice ${of}: record ${n} is in ${shard.ShardId}`);
    }
    assert(records.length === 0 || ends.has(next), `voice ${of}: ${next} records, a part of a put`);
    checkMissing(next, acknowledged);
  }

  #voice(of: number): Voice {
    const voice = this.#voices[of];
    assert(voice !== undefined);
    return voice;
  }
}

/** Sequence numbers are equally long decimal numbers; a child's are above its parents'. */
function sorted<Record extends StoredRecord>(records: readonly Record[]): Record[] {
  return records.toSorted((a, b) => (a.sequenceNumber < b.sequenceNumber ? -1 : 1));
}

export function keyOf(voice: number): string {
  return `voice ${voice}`;
}

function takes({ HashKeyRange }: ShardDescription, voice: number): boolean {
  const hashKey = BigInt(`0x${hash('md5', keyOf(voice))}`);
  return BigInt(HashKeyRange.StartingHashKey) <= hashKey && hashKey <= BigInt(HashKeyRange.EndingHashKey);
}

function contentOf(data: string): Content {
  // As putting.ts writes them.
  const { voice, n } = JSON.parse(data) as Content;
  return { voice, n };
}
