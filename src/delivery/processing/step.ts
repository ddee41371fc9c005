import type { TraceContext } from '../../support/trace-context.ts';
import { processingLimits } from './limits.ts';
import type { DeliveryRecord, RefusedRecord } from '../destination.ts';

/** A record between two steps. */
export interface Item {
  readonly record: DeliveryRecord;
  /** The data as it came from the source, or the part of an aggregated or split record. Error objects include it. */
  readonly original: DeliveryRecord;
}

export interface StepContext {
  readonly signal: AbortSignal;
  readonly trace?: TraceContext | undefined;
}

/** A processor: passes records on in order, or refuses them. */
export interface Step {
  run(items: readonly Item[], context: StepContext): Promise<StepResult>;
}

export interface StepResult {
  readonly items: readonly Item[];
  readonly refused: readonly RefusedRecord[];
}

/** The result of a step for one record: zero or more records, or a refusal. */
export type RecordOutcome = readonly Item[] | Refusal;

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
  /** A function returned records: their number, and their bytes before the transformation. */
  transformed(records: number, bytes: number): void;
  /** A jq program processed records. */
  queried(durationMs: number): void;
}

export const PROCESSING_FAILED = 'processing-failed';

/** The message may quote the record: it is cut, so that an error object does not have the record several times. */
export function refusal(errorCode: string, errorMessage: string, outputType = PROCESSING_FAILED): Refusal {
  const { errorMessageCharactersMax: max } = processingLimits;
  const message = errorMessage.length > max ? `${errorMessage.slice(0, max)}...` : errorMessage;
  return { errorCode, errorMessage: message, outputType, attempts: 1 };
}

/** Separates a step's results into records and refusals. */
export function collect(items: readonly Item[], outcomes: readonly RecordOutcome[]): StepResult {
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
