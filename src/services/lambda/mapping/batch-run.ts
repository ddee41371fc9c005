import type { ShardBatch } from '../../../consumers/batch.ts';
import type { StreamRecord } from '../../../consumers/source.ts';
import { lambdaLimits } from '../limits.ts';
import { backoffMs } from '../../../support/backoff.ts';
import { sleep, type Clock } from '../../../support/clock.ts';
import type { MappingOptions } from './options.ts';

/**
 * Result of an invocation. `failed`: the function returned an error or its process died. `notRun`: the function was not
 * started.
 */
export type BatchOutcome =
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly details: FailureDetails; readonly reason: string }
  | { readonly type: 'failedFrom'; readonly index: number; readonly details: FailureDetails }
  | { readonly type: 'notRun'; readonly reason: string };

export interface FailureDetails {
  readonly requestId: string;
  readonly functionError: string | undefined;
}

/** Records whose retries are exhausted; `last` is the invocation that failed last, if there was one. */
export interface DiscardedRecords {
  readonly records: readonly StreamRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly invokeCount: number;
  readonly last: FailureDetails | undefined;
}

export interface BatchRunDependencies {
  readonly options: MappingOptions;
  readonly clock: Clock;
  readonly invoke: (records: readonly StreamRecord[], signal: AbortSignal) => Promise<BatchOutcome>;
  /** Resolves when the report on them is durable. */
  readonly discard: (discarded: DiscardedRecords) => Promise<void>;
  /** Reports the last result of the mapping, in Lambda's words. */
  readonly report: (result: string) => Promise<void>;
}

/** Consecutive records of the batch, delivered together. */
interface BatchPart {
  readonly records: readonly StreamRecord[];
  /** Failed invocations that count as attempts. */
  readonly failures: number;
  /** Consecutive tries without progress: the pause grows with them. */
  readonly pauses: number;
  readonly last: FailureDetails | undefined;
}

const retryPause = { initialMs: lambdaLimits.mappingRetryInitialMs, maxMs: lambdaLimits.mappingRetryMsMax };

/**
 * Processes a batch until each record is processed, discarded, or expired, in order. Rejects when stopped.
 * Terminates: each step finishes a part, shortens it, splits it, or counts a failure; without a limit on failures, the
 * stream's retention ends it.
 */
export async function runBatch(batch: ShardBatch, dependencies: BatchRunDependencies): Promise<void> {
  const run = new BatchRun(batch, dependencies);
  let parts: BatchPart[] = [{ records: batch.records, failures: 0, pauses: 0, last: undefined }];
  let handled = 0;
  for (let part = parts[0]; part !== undefined; part = parts[0]) {
    const left = await run.step(part, handled);
    const done = part.records.length - left.reduce((sum, { records }) => sum + records.length, 0);
    parts = [...left, ...parts.slice(1)];
    if (done === 0) continue;
    handled += done;
    if (parts.length > 0) await batch.checkpoint(handled);
  }
}

class BatchRun {
  readonly #batch: ShardBatch;
  readonly #dependencies: BatchRunDependencies;

  constructor(batch: ShardBatch, dependencies: BatchRunDependencies) {
    this.#batch = batch;
    this.#dependencies = dependencies;
  }

  /**
   * Makes one try with a part; returns what is left of it, in order. `before`: number of records in the batch before
   * the part.
   */
  async step(part: BatchPart, before: number): Promise<readonly BatchPart[]> {
    const { signal } = this.#batch;
    const { clock, invoke, report } = this.#dependencies;
    if (part.pauses > 0) {
      await sleep(clock, backoffMs(retryPause, part.pauses), signal);
      signal.throwIfAborted();
      const expired = (await this.#batch.expired()) - before;
      if (expired > 0) return rest(part, expired);
    }
    const tooOld = this.#countTooOld(part.records);
    if (tooOld > 0) return await this.#giveUpOld(part, tooOld);
    const outcome = await invoke(part.records, signal);
    switch (outcome.type) {
      case 'done':
        await report('OK');
        return [];
      case 'notRun':
        await report(`PROBLEM: ${outcome.reason}`);
        return [{ ...part, pauses: part.pauses + 1 }];
      case 'failed':
        await report(`PROBLEM: ${outcome.reason}`);
        return await this.#retry(part, outcome.details);
      case 'failedFrom':
        await report('PROBLEM: Function reported batch item failures');
        // Progress: the remaining records form a new batch with all its attempts.
        return outcome.index === 0
          ? await this.#retry(part, outcome.details)
          : await this.#retry(
              { ...part, records: part.records.slice(outcome.index), failures: 0, pauses: 0 },
              outcome.details,
              { split: false },
            );
    }
  }

  async #retry(part: BatchPart, last: FailureDetails, { split = true } = {}): Promise<readonly BatchPart[]> {
    const { options, discard } = this.#dependencies;
    const { records } = part;
    if (split && options.bisect && records.length > 1) {
      const middle = Math.ceil(records.length / 2);
      return [records.slice(0, middle), records.slice(middle)].map((half) => ({
        ...part,
        records: half,
        last,
      }));
    }
    const failures = part.failures + 1;
    if (options.retriesMax === -1 || failures <= options.retriesMax) {
      return [{ ...part, failures, pauses: part.pauses + 1, last }];
    }
    await discard({ records, condition: 'RetryAttemptsExhausted', invokeCount: failures, last });
    return [];
  }

  /** Counts the leading records that are too old: records arrive in order, so these come first. */
  #countTooOld(records: readonly StreamRecord[]): number {
    const { options, clock } = this.#dependencies;
    if (options.recordAgeSecondsMax === -1) return 0;
    const oldestMs = clock.now() - options.recordAgeSecondsMax * 1000;
    const kept = records.findIndex(({ arrivalMs }) => arrivalMs >= oldestMs);
    return kept === -1 ? records.length : kept;
  }

  async #giveUpOld(part: BatchPart, count: number): Promise<readonly BatchPart[]> {
    await this.#dependencies.discard({
      records: part.records.slice(0, count),
      condition: 'RecordAgeExceeded',
      invokeCount: part.failures,
      last: part.last,
    });
    return rest(part, count);
  }
}

function rest(part: BatchPart, from: number): readonly BatchPart[] {
  const records = part.records.slice(from);
  return records.length === 0 ? [] : [{ ...part, records }];
}
