import type { DeliveryRecord } from '../../../src/delivery/destination.ts';
import type { InvokeResult } from '../../../src/services/lambda/functions.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import type { ProcessingObserver } from '../../../src/delivery/processing/step.ts';
import { createProcessing } from '../../../src/delivery/processing/processing.ts';
import {
  processingSettings,
  type PartitioningInfo,
  type ProcessorInput,
} from '../../../src/delivery/processing/configuration.ts';

export function record(data: string | Uint8Array, number = 1): DeliveryRecord {
  return {
    data: Buffer.from(data),
    arrivalMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    shardId: 'shardId-000000000000',
    sequenceNumber: `4${String(number).padStart(19, '0')}`,
    subSequenceNumber: 0,
    partitionKey: 'key',
  };
}

export function processor(Type: string, parameters: Readonly<Record<string, string>> = {}): ProcessorInput {
  const Parameters = Object.entries(parameters).map(([ParameterName, ParameterValue]) => ({
    ParameterName,
    ParameterValue,
  }));
  return { Type, Parameters };
}

export const query = (text: string): ProcessorInput =>
  processor('MetadataExtraction', { JsonParsingEngine: 'JQ-1.6', MetadataExtractionQuery: text });

export type Handler = (event: FirehoseEvent) => unknown;

export interface FirehoseEvent {
  readonly invocationId: string;
  readonly records: readonly { readonly recordId: string; readonly data: string }[];
}

/** Answers with what the handler returns; an Error is a function error. */
export class FakeFunctions {
  readonly events: FirehoseEvent[] = [];
  readonly payloadBytes: number[] = [];
  readonly #handler: Handler;

  constructor(handler: Handler) {
    this.#handler = handler;
  }

  async invoke(_name: string, payload: Uint8Array): Promise<InvokeResult> {
    this.payloadBytes.push(payload.length);
    const event = JSON.parse(Buffer.from(payload).toString()) as FirehoseEvent;
    this.events.push(event);
    const made = await this.#handler(event);
    const failed = made instanceof Error;
    return {
      payload: Buffer.from(typeof made === 'string' ? made : JSON.stringify(made ?? null)),
      functionError: failed ? 'Unhandled' : undefined,
      requestId: 'r',
      executedVersion: '$LATEST',
      logTail: Buffer.alloc(0),
    };
  }
}

/** Keeps what is observed. */
export class Observed implements ProcessingObserver {
  readonly calls: (readonly [string, ...unknown[]])[] = [];

  executed(durationMs: number, succeeded: boolean): void {
    this.calls.push(['executed', durationMs, succeeded]);
  }

  transformed(records: number, bytes: number): void {
    this.calls.push(['transformed', records, bytes]);
  }

  queried(durationMs: number): void {
    this.calls.push(['queried', durationMs >= 0]);
  }
}

export interface Run {
  readonly observer?: Observed;
  readonly processors: readonly ProcessorInput[];
  readonly info?: Partial<PartitioningInfo>;
  readonly records: readonly DeliveryRecord[];
  readonly functions?: FakeFunctions;
  readonly clock?: ManualClock;
  readonly sourceStreamArn?: string;
  readonly signal?: AbortSignal;
}

/** Runs records through processors and returns what came out, as text. */
export async function run({
  processors,
  info,
  records,
  functions,
  clock,
  sourceStreamArn,
  observer,
  signal = new AbortController().signal,
}: Run) {
  const settings = processingSettings(
    { Enabled: true, Processors: processors },
    { dynamicPartitioning: true, partitionKeys: ['partitionKeyFromQuery:k'], ...info },
  );
  const processing = createProcessing(
    settings,
    {
      deliveryStreamArn: 'arn:aws:firehose:us-east-1:0:deliverystream/d',
      region: 'us-east-1',
      sourceStreamArn,
    },
    {
      functions: functions ?? new FakeFunctions(() => null),
      clock: clock ?? new ManualClock(),
      observer: observer ?? new Observed(),
    },
  );
  if (processing === undefined) throw new TypeError('there are processors');
  const context = { deliveryId: 'd', signal };
  const { records: passed, refused } = await processing.process(records, context);
  return {
    processing,
    records: passed,
    texts: passed.map(({ data }) => Buffer.from(data).toString()),
    keys: passed.map(({ partitionKeys }) => Object.fromEntries(partitionKeys ?? [])),
    refused: refused.map(({ record: { data }, errorCode, errorMessage, outputType, attempts }) => ({
      text: Buffer.from(data).toString(),
      errorCode,
      errorMessage,
      outputType,
      attempts,
    })),
  };
}
