import type { DeliveryRecord, RefusedRecord } from '../destination.ts';

/** A record between two steps. */
export interface Item {
  readonly record: DeliveryRecord;
  /** As it came from the source, or from the record that it was a part of: an error object has this. */
  readonly original: DeliveryRecord;
}

export interface StepContext {
  readonly signal: AbortSignal;
}

/** One processor: passes records on, in order, or refuses them. */
export interface Step {
  run(items: readonly Item[], context: StepContext): Promise<StepResult>;
}

export interface StepResult {
  readonly items: readonly Item[];
  readonly refused: readonly RefusedRecord[];
}

/** What a step makes of one record: none, one or more, or why it is refused. */
export type Outcome = readonly Item[] | Refusal;

export interface Refusal {
  readonly errorCode: string;
  readonly errorMessage: string;
  /** Firehose's `error-output-type`. */
  readonly outputType: string;
  readonly attempts: number;
}

/** Receives the results of processing, for metrics. */
export interface ProcessingObserver {
  /** A function was invoked. */
  executed(durationMs: number, succeeded: boolean): void;
  /** A function has answered with records: how many, and their bytes before they were transformed. */
  transformed(records: number, bytes: number): void;
  /** A jq program has run over records. */
  queried(durationMs: number): void;
}

export const PROCESSING_FAILED = 'processing-failed';

export function refusal(errorCode: string, errorMessage: string, outputType = PROCESSING_FAILED): Refusal {
  return { errorCode, errorMessage, outputType, attempts: 1 };
}

/** Sorts what a step made of its records. */
export function collect(items: readonly Item[], outcomes: readonly Outcome[]): StepResult {
  const passed: Item[] = [];
  const refused: RefusedRecord[] = [];
  for (const [at, outcome] of outcomes.entries()) {
    if (!('errorCode' in outcome)) passed.push(...outcome);
    else {
      const item = items[at];
      if (item !== undefined) refused.push({ record: item.original, ...outcome });
    }
  }
  return { items: passed, refused };
}
