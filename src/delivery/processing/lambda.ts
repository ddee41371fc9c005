import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../errors.ts';
import { type Functions, FunctionsClosedError } from '../../services/lambda/functions.ts';
import { backoffMs } from '../../support/backoff.ts';
import { type Clock, sleep } from '../../support/clock.ts';
import type { DeliveryRecord } from '../destination.ts';
import { readReply } from './lambda-reply.ts';
import { processingLimits } from './limits.ts';
import { recordIdOf } from './record-id.ts';
import {
  collect,
  type Item,
  type RecordOutcome,
  PROCESSING_FAILED,
  type ProcessingObserver,
  type Refusal,
  type Step,
  type StepContext,
} from './step.ts';

export interface LambdaOptions {
  readonly functions: Pick<Functions, 'invoke'>;
  readonly clock: Clock;
  readonly observer: ProcessingObserver;
  readonly functionArn: string;
  readonly deliveryStreamArn: string;
  readonly region: string;
  /** The ARN of the Kinesis stream that the records come from. */
  readonly sourceStreamArn?: string | undefined;
  readonly retries: number;
  /** Maximum data of the records of one invocation. */
  readonly bufferBytesMax: number;
}

/**
 * Transforms records with a function: https://docs.aws.amazon.com/firehose/latest/dev/data-transformation.html. A
 * failing function is invoked again. Its response is final, even if it is invalid.
 */
export function lambdaTransform(options: LambdaOptions): Step {
  return {
    async run(items, context) {
      const invocations = invocationsOf(items, options);
      const outcomes: RecordOutcome[][] = [];
      let bytesLeft = processingLimits.lambdaRangeBytesMax;
      const work = async (): Promise<void> => {
        for (const { index, ...invocation } of invocations) {
          const transformed = await invoke(invocation, options, context);
          bytesLeft -= bytesOf(transformed);
          outcomes[index] = bytesLeft >= 0 ? transformed : invocation.items.map(() => RANGE_TOO_LARGE);
        }
      };
      await Promise.all(Array.from({ length: processingLimits.lambdaInvocationsAtOnceMax }, work));
      return collect(items, outcomes.flat());
    },
  };
}

interface Invocation {
  readonly items: readonly Item[];
  readonly entries: readonly string[];
}

/**
 * Splits the records into requests within the buffer's size and AWS's maximum. Each is made when its turn comes: all
 * requests of a range at once would take hundreds of megabytes, and seconds.
 */
function* invocationsOf(
  items: readonly Item[],
  options: LambdaOptions,
): Generator<Invocation & { readonly index: number }, void, undefined> {
  let index = 0;
  let current = emptyRequest();
  for (const item of items) {
    const entry = requestEntry(item.record, options.sourceStreamArn !== undefined);
    const { length } = item.record.data;
    const full =
      current.dataBytes + length > options.bufferBytesMax ||
      current.requestBytes + Buffer.byteLength(entry) >
        processingLimits.lambdaPayloadBytesMax - ENVELOPE_BYTES_MAX;
    if (full && current.items.length > 0) {
      yield { index: index++, ...current };
      current = emptyRequest();
    }
    current.items.push(item);
    current.entries.push(entry);
    current.dataBytes += length;
    current.requestBytes += Buffer.byteLength(entry) + 1;
  }
  if (current.items.length > 0) yield { index, ...current };
}

function emptyRequest() {
  const items: Item[] = [];
  const entries: string[] = [];
  return { items, entries, dataBytes: 0, requestBytes: 0 };
}

/** The fields of a request besides its records. */
const ENVELOPE_BYTES_MAX = 8 * 1024;

function requestEntry(record: DeliveryRecord, fromKinesis: boolean): string {
  const { data, arrivalMs, sequenceNumber, subSequenceNumber, partitionKey, shardId } = record;
  return JSON.stringify({
    recordId: recordIdOf(record),
    approximateArrivalTimestamp: arrivalMs,
    data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
    ...(fromKinesis && {
      kinesisRecordMetadata: {
        sequenceNumber,
        subsequenceNumber: subSequenceNumber,
        partitionKey,
        shardId,
        approximateArrivalTimestamp: arrivalMs,
      },
    }),
  });
}

async function invoke(
  { items, entries }: Invocation,
  options: LambdaOptions,
  context: StepContext,
): Promise<RecordOutcome[]> {
  const { signal } = context;
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    const beginMs = options.clock.now();
    const answer = await attemptOnce(entries, options, context);
    options.observer.executed(options.clock.now() - beginMs, answer.payload !== undefined);
    if (answer.payload !== undefined) {
      const outcomes = readReply(answer.payload, items, attempt);
      observeTransformed(items, outcomes, options.observer);
      return outcomes;
    }
    if (attempt > options.retries) {
      const failed: Refusal = {
        ...answer,
        outputType: PROCESSING_FAILED,
        attempts: attempt,
      };
      return items.map(() => failed);
    }
    const { lambdaRetryInitialMs: initialMs, lambdaRetryMaxMs: maxMs } = processingLimits;
    await sleep(options.clock, backoffMs({ initialMs, maxMs }, attempt), signal);
  }
}

function bytesOf(outcomes: readonly RecordOutcome[]): number {
  let bytes = 0;
  for (const outcome of outcomes) {
    if (!('errorCode' in outcome)) for (const { record } of outcome) bytes += record.data.length;
  }
  return bytes;
}

/** Counts as Firehose does: records that are passed on, with their size before the transformation. */
function observeTransformed(
  items: readonly Item[],
  outcomes: readonly RecordOutcome[],
  observer: ProcessingObserver,
): void {
  let records = 0;
  let bytes = 0;
  for (const [at, { original }] of items.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined || 'errorCode' in outcome || outcome.length === 0) continue;
    records++;
    bytes += original.data.length;
  }
  observer.transformed(records, bytes);
}

type Answer =
  | { readonly payload: Buffer }
  | { readonly payload?: undefined; readonly errorCode: string; readonly errorMessage: string };

async function attemptOnce(
  entries: readonly string[],
  options: LambdaOptions,
  { signal, trace }: StepContext,
): Promise<Answer> {
  const { functions, clock, functionArn } = options;
  const end = new AbortController();
  const abort = (): void => end.abort();
  const cancel = clock.schedule(processingLimits.lambdaTimeMsMax, abort);
  signal.addEventListener('abort', abort);
  try {
    const result = await Promise.race([
      functions.invoke(functionArn, request(entries, options), { signal, trace }),
      aborted(end.signal),
    ]);
    // The function may run on for minutes; a delivery that stops does not wait for it.
    signal.throwIfAborted();
    if (result === undefined) return TIMED_OUT;
    if (result.functionError !== undefined) return FUNCTION_ERROR;
    if (result.payload.length > processingLimits.lambdaPayloadBytesMax) return FUNCTION_ERROR;
    return { payload: result.payload };
  } catch (error) {
    if (error instanceof FunctionsClosedError || signal.aborted || !(error instanceof ServiceError))
      throw error;
    return { errorCode: ERROR_CODES[error.code] ?? `Lambda.${error.code}`, errorMessage: error.message };
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
}

const TIMED_OUT = {
  errorCode: 'Lambda.FunctionTimedOut',
  errorMessage: 'The Lambda function took longer than five minutes.',
};
// As recorded on AWS.
const FUNCTION_ERROR = {
  errorCode: 'Lambda.FunctionError',
  errorMessage: 'The Lambda function was successfully invoked but it returned an error result.',
};
/** nagare's own: Firehose's buffers are small, but the responses for a large range would fill the memory. */
const RANGE_TOO_LARGE: Refusal = {
  errorCode: 'Lambda.ResponseTooLarge',
  errorMessage: `The Lambda function returned more than ${processingLimits.lambdaRangeBytesMax} bytes for records that are delivered together.`,
  outputType: PROCESSING_FAILED,
  attempts: 1,
};
const ERROR_CODES: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'Lambda.ResourceNotFound',
  AccessDenied: 'Lambda.InvokeAccessDenied',
  TooManyRequestsException: 'Lambda.InvokeLimitExceeded',
  ServiceException: 'Lambda.InternalServerError',
};

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

function request(entries: readonly string[], options: LambdaOptions): Buffer {
  const head = JSON.stringify({
    invocationId: randomUUID(),
    deliveryStreamArn: options.deliveryStreamArn,
    region: options.region,
    ...(options.sourceStreamArn !== undefined && { sourceKinesisStreamArn: options.sourceStreamArn }),
  });
  return Buffer.from(`${head.slice(0, -1)},"records":[${entries.join(',')}]}`);
}
