import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { ShardProgress } from '../../src/consumers/shard-progress.ts';
import type { StreamRecord } from '../../src/consumers/source.ts';

const record = (index: number): StreamRecord => ({
  sequenceNumber: String(index),
  partitionKey: 'k',
  explicitHashKey: undefined,
  data: new Uint8Array(),
  arrivalMs: 0,
});

describe("a shard's progress", () => {
  test('is after the longest run of handled records, in whatever order they are handled', () => {
    const order = fc
      .integer({ min: 1, max: 3000 })
      .chain((length) =>
        fc.shuffledSubarray(Array.from({ length }, (_, index) => index)).map((safe) => ({ length, safe })),
      );
    fc.assert(
      fc.property(order, ({ length, safe }) => {
        const progress = new ShardProgress();
        const marks = Array.from({ length }, (_, index) => progress.add(record(index)));
        const done = new Set<number>();
        let run = 0;
        for (const index of safe) {
          marks[index]?.();
          done.add(index);
          while (done.has(run)) run++;
          const expected = run === 0 ? undefined : String(run - 1);
          assert.equal(progress.position?.sequenceNumber, expected);
        }
      }),
      { seed: 5, numRuns: 30 },
    );
  });
});
