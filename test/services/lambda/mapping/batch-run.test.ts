import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ShardBatch } from '../../../../src/consumers/batch.ts';
import type { StreamRecord } from '../../../../src/consumers/source.ts';
import { Blockages } from '../../../../src/services/lambda/mapping/blockages.ts';
import {
  runBatch,
  type DiscardedRecords,
  type BatchOutcome,
} from '../../../../src/services/lambda/mapping/batch-run.ts';
import { defaultOptions, type MappingOptions } from '../../../../src/services/lambda/mapping/options.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { records } from './records.ts';

const details = { requestId: 'r', functionError: 'Unhandled' };
const failed: BatchOutcome = { type: 'failed', details, reason: 'Function call failed' };
const done: BatchOutcome = { type: 'done' };

interface Run {
  readonly invoked: string[];
  readonly invokedAtMs: number[];
  readonly checkpointed: number[];
  readonly discarded: { texts: string; condition: string; invokeCount: number }[];
  readonly results: string[];
}

const textOf = (list: readonly StreamRecord[]): string =>
  list.map(({ partitionKey }) => partitionKey).join('');

/** Runs a batch of the letters against a function that is played; time passes whenever the run waits for it. */
async function run(
  letters: string,
  options: Partial<MappingOptions>,
  play: (texts: string, invocation: number) => BatchOutcome,
  {
    expired = 0,
    clock = new ManualClock(),
    stop = new AbortController(),
  }: { expired?: number; clock?: ManualClock; stop?: AbortController } = {},
): Promise<Run> {
  const seen: Run = { invoked: [], invokedAtMs: [], checkpointed: [], discarded: [], results: [] };
  const batch: Pick<ShardBatch, 'shard' | 'records' | 'signal' | 'checkpoint' | 'expired'> = {
    shard: {
      shardId: 'shardId-000000000000',
      parentShardIds: [],
      closed: false,
      startingHashKey: 0n,
      endingHashKey: 1n,
    },
    records: records(letters.split('')),
    signal: stop.signal,
    checkpoint: async (count) => void seen.checkpointed.push(count),
    expired: async () => expired,
  };
  const state = { over: false };
  // A run needs no more of a batch than this.
  const running = runBatch(batch as ShardBatch, {
    options: { ...defaultOptions, ...options },
    clock,
    blockages: new Blockages(),
    invoke: async (list) => {
      seen.invoked.push(textOf(list));
      seen.invokedAtMs.push(clock.now());
      return play(textOf(list), seen.invoked.length);
    },
    discard: async ({ records: list, condition, invokeCount }: DiscardedRecords) =>
      void seen.discarded.push({ texts: textOf(list), condition, invokeCount }),
    report: async (result) => void seen.results.push(result),
  }).finally(() => (state.over = true));
  void running.catch(() => undefined);
  while (!state.over) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(50);
  }
  await running;
  return seen;
}

describe('a batch', () => {
  test('is delivered once when the function succeeds', async () => {
    const seen = await run('abc', {}, () => done);
    assert.deepEqual(seen.invoked, ['abc']);
    assert.deepEqual(seen.results, ['OK']);
  });

  test('is retried as a whole until the function succeeds, with growing pauses', async () => {
    const seen = await run('abc', {}, (_, invocation) => (invocation < 5 ? failed : done));
    assert.deepEqual(seen.invoked, Array(5).fill('abc'));
    const pauses = seen.invokedAtMs.slice(1).map((at, index) => at - (seen.invokedAtMs[index] ?? 0));
    assert.ok(pauses.every((pause, index) => pause >= 100 * 2 ** index && pause < 100 * 2 ** index + 60));
    assert.deepEqual(seen.discarded, []);
    assert.deepEqual(seen.results.slice(-2), ['PROBLEM: Function call failed', 'OK']);
  });

  test('is discarded after MaximumRetryAttempts retries', async () => {
    const seen = await run('abc', { retriesMax: 2 }, () => failed);
    assert.equal(seen.invoked.length, 3);
    assert.deepEqual(seen.discarded, [{ texts: 'abc', condition: 'RetryAttemptsExhausted', invokeCount: 3 }]);
  });

  test('loses only records older than MaximumRecordAgeInSeconds', async () => {
    const clock = new ManualClock();
    clock.advance(61_500);
    const seen = await run('abcd', { recordAgeSecondsMax: 60 }, () => done, { clock });
    assert.deepEqual(seen.invoked, ['cd']);
    assert.deepEqual(seen.discarded, [{ texts: 'ab', condition: 'RecordAgeExceeded', invokeCount: 0 }]);
    assert.deepEqual(seen.checkpointed, [2]);
  });

  test('can become too old during retries', async () => {
    const seen = await run('a', { recordAgeSecondsMax: 60 }, () => failed);
    assert.deepEqual(
      seen.discarded.map(({ condition }) => condition),
      ['RecordAgeExceeded'],
    );
    assert.ok(seen.invoked.length >= 8, 'as often as AWS at the least');
  });

  test('is split until the bad record is alone, without using up retries', async () => {
    const seen = await run('abcd', { bisect: true, retriesMax: 1 }, (texts) =>
      texts.includes('c') ? failed : done,
    );
    assert.deepEqual(seen.invoked, ['abcd', 'ab', 'cd', 'c', 'c', 'd']);
    assert.deepEqual(seen.discarded, [{ texts: 'c', condition: 'RetryAttemptsExhausted', invokeCount: 2 }]);
    assert.deepEqual(seen.checkpointed, [2, 3]);
  });

  test('continues at the record that the function reports', async () => {
    const seen = await run('abcd', { reportItemFailures: true }, (_, invocation) =>
      invocation === 1 ? { type: 'failedFrom', index: 2, details } : done,
    );
    assert.deepEqual(seen.invoked, ['abcd', 'cd']);
    assert.deepEqual(seen.checkpointed, [2]);
  });

  test('discards records that are reported again and again', async () => {
    const seen = await run('abc', { reportItemFailures: true, retriesMax: 1 }, (texts) => ({
      type: 'failedFrom',
      index: texts.indexOf('b'),
      details,
    }));
    assert.deepEqual(seen.invoked, ['abc', 'bc']);
    assert.deepEqual(seen.discarded, [{ texts: 'bc', condition: 'RetryAttemptsExhausted', invokeCount: 2 }]);
  });

  test('is split at the reported record, not in the middle, when both are enabled', async () => {
    const seen = await run('abcd', { reportItemFailures: true, bisect: true }, (_, invocation) =>
      invocation === 1 ? { type: 'failedFrom', index: 1, details } : done,
    );
    assert.deepEqual(seen.invoked, ['abcd', 'bcd']);
  });

  test('waits without using up retries while the function cannot be started', async () => {
    const seen = await run('a', { retriesMax: 0 }, (_, invocation) =>
      invocation < 6 ? { type: 'notRun', reason: 'Rate exceeded' } : done,
    );
    assert.equal(seen.invoked.length, 6);
    assert.deepEqual(seen.discarded, []);
  });

  test('drops records that expire in the stream meanwhile', async () => {
    const seen = await run('abc', {}, (texts) => (texts === 'c' ? done : failed), { expired: 2 });
    assert.deepEqual(seen.invoked, ['abc', 'c']);
  });

  test('is left unfinished when the server stops', async () => {
    const stop = new AbortController();
    await assert.rejects(
      run(
        'abc',
        {},
        () => {
          stop.abort();
          return failed;
        },
        { stop },
      ),
      { name: 'AbortError' },
    );
  });
});
