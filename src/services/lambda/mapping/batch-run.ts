import type { CheckpointChange, ShardBatch } from '../../../consumers/batch.ts';
import type { StreamRecord } from '../../../consumers/source.ts';
import type { TraceContext } from '../../../support/trace-context.ts';
import { lambdaLimits } from '../limits.ts';
import { backoffMs } from '../../../support/backoff.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Blockage, Blockages } from './blockages.ts';
import type { MappingOptions } from './options.ts';

/**
 * Result of an invocation; `change` belongs into the commit of its checkpoint. `failed`: the function returned an error or its process died. `notRun`: the function was not
 * started.
 */
export type BatchOutcome =
  | { readonly type: 'done'; readonly change?: CheckpointChange | undefined }
  | { readonly type: 'failed'; readonly details: FailureDetails; readonly reason: string }
  /** The records before `index` are done. */
  | {
      readonly type: 'failedFrom';
      readonly index: number;
      readonly details: FailureDetails;
      readonly change?: CheckpointChange | undefined;
    }
  | { readonly type: 'notRun'; readonly reason: string };

export interface FailureDetails {
  readonly requestId: string;
  readonly functionError: string | undefined;
  /** Undefined when the call failed before a version was chosen. */
  readonly executedVersion?: string;
  readonly trace?: TraceContext | undefined;
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
  readonly blockages: Blockages;
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
  try {
    for (let part = parts[0]; part !== undefined; part = parts[0]) {
      const step = await run.step(part, handled);
      const { left, change, wasSkipped = false } = step;
      const done = part.records.length - left.reduce((sum, { records }) => sum + records.length, 0);
      parts = [...left, ...parts.slice(1)];
      handled += done;
      const isDue = parts.length > 0 || change !== undefined || wasSkipped;
      if (done > 0 && isDue) await batch.checkpoint(handled, change);
      run.noteProgress(parts[0], step);
    }
  } finally {
    run.close();
  }
}

interface Step {
  readonly left: readonly BatchPart[];
  readonly change?: CheckpointChange | undefined;
  /** The part was discarded because it was skipped. */
  readonly wasSkipped?: boolean;
  /** Why the invocation failed. */
  readonly problem?: string;
}

class BatchRun {
  readonly #batch: ShardBatch;
  readonly #dependencies: BatchRunDependencies;
  /** While the first part fails. */
  #blockage: Blockage | undefined;
  #problem = '';

  constructor(batch: ShardBatch, dependencies: BatchRunDependencies) {
    this.#batch = batch;
    this.#dependencies = dependencies;
  }

  /**
   * Makes one try with a part; returns what is left of it, in order, and what its checkpoint changes. `before`: number
   * of records in the batch before the part.
   */
  async step(part: BatchPart, before: number): Promise<Step> {
    const { signal } = this.#batch;
    const { clock, invoke } = this.#dependencies;
    if (this.#blockage !== undefined) {
      await this.#blockage.pause(clock, backoffMs(retryPause, part.pauses), signal);
      signal.throwIfAborted();
      if (this.#blockage.isSkipped) return await this.#skip(part);
      const expired = (await this.#batch.expired()) - before;
      if (expired > 0) return { left: rest(part, expired) };
    }
    const tooOld = this.#countTooOld(part.records);
    if (tooOld > 0) return { left: await this.#giveUpOld(part, tooOld) };
    return await this.#judge(part, await invoke(part.records, signal));
  }

  async #judge(part: BatchPart, outcome: BatchOutcome): Promise<Step> {
    const { report } = this.#dependencies;
    switch (outcome.type) {
      case 'done':
        await report('OK');
        return { left: [], change: outcome.change };
      case 'notRun': {
        const problem = `PROBLEM: ${outcome.reason}`;
        await report(problem);
        return { left: [{ ...part, pauses: part.pauses + 1 }], problem };
      }
      case 'failed': {
        const problem = `PROBLEM: ${outcome.reason}`;
        await report(problem);
        return { left: await this.#retry(part, outcome.details), problem };
      }
      case 'failedFrom': {
        const problem = 'PROBLEM: Function reported batch item failures';
        await report(problem);
        const { index, details, change } = outcome;
        if (index === 0) return { left: await this.#retry(part, details), problem };
        // Progress: the remaining records form a new batch with all its attempts.
        const remaining = { ...part, records: part.records.slice(index), failures: 0, pauses: 0 };
        return { left: await this.#retry(remaining, details, { split: false }), change, problem };
      }
    }
  }

  /** Keeps the mapping's blockages up to date; `next` is what is tried next. */
  noteProgress(next: BatchPart | undefined, { left, problem, wasSkipped = false }: Step): void {
    const { blockages } = this.#dependencies;
    this.#problem = problem ?? this.#problem;
    const isOver = left.length === 0 || next === undefined || next.pauses <= 1;
    if (this.#blockage !== undefined && isOver) {
      blockages.remove(this.#blockage, wasSkipped);
      this.#blockage = undefined;
    }
    if (next === undefined || next.pauses === 0) return;
    const info = {
      shardId: this.#batch.shard.shardId,
      failures: next.pauses,
      reason: this.#problem,
      records: next.records.length,
      from: next.records[0]?.sequenceNumber,
      to: next.records.at(-1)?.sequenceNumber,
    };
    if (this.#blockage === undefined) this.#blockage = blockages.add(info);
    else this.#blockage.info = info;
  }

  close(): void {
    if (this.#blockage !== undefined) this.#dependencies.blockages.remove(this.#blockage, false);
  }

  /** Discards a part that an operator skips, as if its retries were exhausted. */
  async #skip({ records, failures, last }: BatchPart): Promise<Step> {
    const condition = 'RetryAttemptsExhausted';
    await this.#dependencies.discard({ records, condition, invokeCount: failures, last });
    return { left: [], wasSkipped: true };
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
