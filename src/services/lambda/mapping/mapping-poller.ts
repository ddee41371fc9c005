import type { WorkSpans } from '../../../support/work-spans.ts';
import { randomUUID } from 'node:crypto';
import type { Acting } from '../../../auth/authorization/acting.ts';
import type { CheckpointChange, ShardBatch } from '../../../consumers/batch.ts';
import type { KeyedLock } from '../../../support/keyed-lock.ts';
import type { CatalogCheckpoints } from '../../../consumers/checkpoints.ts';
import type { StreamRecord, StreamSource } from '../../../consumers/source.ts';
import { StreamConsumer } from '../../../consumers/stream-consumer.ts';
import { ServiceError } from '../../../errors.ts';
import { lambdaLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { FunctionMetrics, MappingMetrics, mappingMetricUnits } from '../function-metrics.ts';
import { actorFor } from '../acting.ts';
import type { Functions, InvokeOptions } from '../functions.ts';
import { Blockages } from './blockages.ts';
import { runBatch, type BatchOutcome, type DiscardedRecords, type FailureDetails } from './batch-run.ts';
import { encodeEvent, recordsBytesMax, recordSizer, type EventInfo, type EventWindow } from './event.ts';
import { failureReport } from './failure-report.ts';
import type { FailureReports } from './failure-reports.ts';
import { compileStoredFilters } from './filter.ts';
import { firstFailure, returnedState } from './item-failures.ts';
import type { StreamMappingRow } from './mapping-row.ts';
import { permittedStreams } from './source-permit.ts';
import { TumblingWindows, type FinishOutcome, type WindowStore } from './tumbling-windows.ts';

export interface MappingPollerDependencies {
  readonly acting: Acting;
  readonly streams: StreamSource;
  readonly functions: Functions;
  readonly shardLocks: KeyedLock;
  /** Where the states of tumbling windows are kept. */
  readonly windows: WindowStore;
  /** Where records that were given up are reported. */
  readonly reports: FailureReports;
  readonly spans: WorkSpans;
  readonly metrics: FunctionMetrics;
  readonly mappingMetrics: MappingMetrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
}

type CallOptions = Required<Pick<InvokeOptions, 'signal'>> & Pick<InvokeOptions, 'trace'>;

/** A running mapping, with the options it had when it started. */
export class MappingPoller {
  /** What fails now. */
  readonly blockages = new Blockages();
  readonly #row: StreamMappingRow;
  readonly #dependencies: MappingPollerDependencies;
  readonly #consumer: StreamConsumer;
  readonly #info: EventInfo;
  readonly #windows: TumblingWindows;
  readonly #report: (result: string) => Promise<void>;

  /** Calls `report` with each result, in the words of LastProcessingResult. */
  constructor(
    row: StreamMappingRow,
    positions: CatalogCheckpoints,
    dependencies: MappingPollerDependencies,
    report: (result: string) => Promise<void>,
  ) {
    this.#row = row;
    this.#dependencies = dependencies;
    this.#report = report;
    const { streams, functions, shardLocks, clock, log, region } = dependencies;
    const { options, start } = row;
    this.#info = {
      sourceArn: row.sourceArn,
      region,
      roleArn: functions.describe(row.functionArn)?.roleArn ?? '',
    };
    const { tumblingSeconds = 0 } = options;
    this.#windows = new TumblingWindows({
      ...dependencies.windows,
      mapping: row.uuid,
      seconds: tumblingSeconds,
      clock,
      blockages: this.blockages,
      log,
      finish: (shardId, window, signal) => this.#finishWindow(shardId, window, signal),
    });
    const select = compileStoredFilters(options.filters, (pattern, reason) =>
      log.warn(
        { mapping: row.uuid, pattern },
        `stored filter pattern is no longer valid and keeps its old meaning: ${reason}`,
      ),
    );
    this.#consumer = new StreamConsumer({
      name: consumerName(row.uuid),
      stream: row.streamArn,
      source: permittedStreams(streams, { ...dependencies, ...row, report }),
      positions,
      shardLocks,
      start: start.type === 'AT_TIMESTAMP' ? start : { type: 'TRIM_HORIZON' },
      batch: {
        recordsMax: options.batchSize,
        bytesMax: recordsBytesMax(
          lambdaLimits.mappingPayloadBytesMax -
            (tumblingSeconds === 0 ? 0 : lambdaLimits.mappingWindowStateBytesMax + WINDOW_MEMBERS_BYTES),
        ),
        sizeOf: recordSizer(this.#info),
        windowMs: options.windowSeconds * 1000,
        lanes: options.parallelization,
        openWindows: (stream, shard, signal) => this.#windows.open(stream, shard, signal),
        ...(tumblingSeconds === 0 ? {} : { windowOf: (record) => this.#windows.windowOf(record) }),
        ...(select === undefined ? {} : { select }),
        onRead: (read, skipped) => {
          this.#count('PolledEventCount', read);
          if (select !== undefined) this.#count('FilteredOutEventCount', skipped);
        },
      },
      handle: (batch) => this.#handle(batch),
      clock,
      log,
    });
  }

  start(): void {
    this.#consumer.start();
  }

  /** Waits for invocations in progress. */
  close(): Promise<void> {
    return this.#consumer.close();
  }

  #handle(batch: ShardBatch): Promise<void> {
    const { clock } = this.#dependencies;
    return runBatch(batch, {
      options: this.#row.options,
      clock,
      blockages: this.blockages,
      invoke: async (records, signal) => {
        const outcome = await this.#traced(batch.shard.shardId, records, signal);
        this.#countOutcome(outcome, records.length);
        return outcome;
      },
      discard: (discarded) => this.#discard(batch, discarded),
      report: this.#report,
    });
  }

  #count(metric: keyof typeof mappingMetricUnits, value: number): void {
    const { options, uuid } = this.#row;
    if (options.countsEvents === true) this.#dependencies.mappingMetrics.add(uuid, metric, value);
  }

  #countOutcome(outcome: BatchOutcome, records: number): void {
    const done = outcome.type === 'done' ? records : outcome.type === 'failedFrom' ? outcome.index : 0;
    this.#count('InvokedEventCount', outcome.type === 'notRun' ? 0 : records);
    this.#count('FailedInvokeEventCount', records - done);
  }

  /** With a span, if the put of one of the records has one. */
  async #traced(
    shardId: string,
    records: readonly StreamRecord[],
    signal: AbortSignal,
  ): Promise<BatchOutcome> {
    const { functionName, streamArn } = this.#row;
    const span = await this.#dependencies.spans.beginOnRecords({ streamArn, shardId, records });
    const outcome = await this.#invoke(shardId, records, { signal, trace: span?.trace });
    if (span === undefined) return outcome;
    const problem = 'reason' in outcome ? outcome.reason : 'Function reported batch item failures';
    const failure = outcome.type === 'done' ? undefined : problem;
    span.end({ 'faas.invoked_name': functionName, 'faas.invoked_provider': 'aws' }, failure);
    return outcome;
  }

  async #invoke(
    shardId: string,
    records: readonly StreamRecord[],
    options: CallOptions,
  ): Promise<BatchOutcome> {
    const [first] = records;
    const last = records.at(-1);
    if (first === undefined || last === undefined) throw new RangeError('an invocation needs records');
    const shardWindow = this.#windows.of(shardId);
    const window = await shardWindow?.enter(this.#windows.windowOf(first), options.signal);
    const { metrics, clock } = this.#dependencies;
    metrics.add(this.#row.functionName, 'IteratorAge', Math.max(0, clock.now() - last.arrivalMs));
    const outcome = await this.#call(encodeEvent(this.#info, shardId, records, window), options);
    if (outcome.type !== 'returned') return outcome;
    const { payload, details } = outcome;
    const index = this.#row.options.reportItemFailures ? firstFailure(payload, records) : records.length;
    if (index === 0) return { type: 'failedFrom', index, details };
    let change: CheckpointChange | undefined;
    if (shardWindow !== undefined) {
      const state = returnedState(payload);
      // As on AWS, a function that returns no state has failed.
      change = state === undefined ? undefined : shardWindow.advance(state);
      if (change === undefined) return { type: 'failed', details, reason: 'Function call failed' };
    }
    if (index === records.length) return { type: 'done', change };
    return { type: 'failedFrom', index, details, change };
  }

  async #call(event: Buffer, options: CallOptions): Promise<CallOutcome> {
    const { functions, streams } = this.#dependencies;
    const { sourceArn, streamArn, functionArn } = this.#row;
    if (sourceArn !== streamArn && streams.describe(sourceArn) === undefined) {
      return { type: 'notRun', reason: `Consumer not found: ${sourceArn}` };
    }
    const requestId = randomUUID();
    try {
      const result = await functions.invoke(functionArn, event, { requestId, ...options });
      const { functionError, payload, executedVersion } = result;
      const details = { requestId, functionError, executedVersion, trace: options.trace };
      if (functionError !== undefined) return { type: 'failed', details, reason: 'Function call failed' };
      return { type: 'returned', payload, details };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (notRunCodes.has(error.code)) return { type: 'notRun', reason: error.message };
      const details = { requestId, functionError: undefined, trace: options.trace };
      return { type: 'failed', details, reason: error.message };
    }
  }

  /** The final invocation of a window has no records. */
  async #finishWindow(shardId: string, window: EventWindow, signal: AbortSignal): Promise<FinishOutcome> {
    const outcome = await this.#call(encodeEvent(this.#info, shardId, [], window), { signal });
    if (outcome.type === 'returned') {
      await this.#report('OK');
      return {};
    }
    const problem = `PROBLEM: ${outcome.reason}`;
    await this.#report(problem);
    return { problem };
  }

  /** Without a destination the records are lost, as on AWS; the log says so. */
  async #discard({ shard, signal }: ShardBatch, discarded: DiscardedRecords): Promise<void> {
    const { log, reports, clock, functions } = this.#dependencies;
    const { options, functionArn, streamArn, uuid } = this.#row;
    const { condition, records } = discarded;
    const info = {
      mapping: uuid,
      functionArn,
      shard: shard.shardId,
      condition,
      records: records.length,
      from: records[0]?.sequenceNumber,
      to: records.at(-1)?.sequenceNumber,
    };
    log.error(info, 'records were discarded after their retries were exhausted');
    if (options.onFailure === undefined) {
      this.#count('DroppedEventCount', records.length);
      return;
    }
    const report = failureReport(discarded, {
      mappingUuid: uuid,
      functionArn,
      streamArn,
      shardId: shard.shardId,
      nowMs: clock.now(),
      reportId: randomUUID(),
      event: encodeEvent(this.#info, shard.shardId, records),
    });
    const found = functions.describe(functionArn);
    const head = {
      destination: options.onFailure,
      ...info,
      ...(options.countsEvents === true && { counted: true }),
      ...(found !== undefined && { actor: actorFor(found) }),
    };
    await reports.send(head, { ...report, trace: discarded.last?.trace }, signal);
  }
}

type CallOutcome =
  | { readonly type: 'returned'; readonly payload: Buffer; readonly details: FailureDetails }
  | Extract<BatchOutcome, { readonly type: 'failed' | 'notRun' }>;

/** The members of an event in a window, besides its records and state. */
const WINDOW_MEMBERS_BYTES = 1024;

/** Errors raised before the function ran: they do not count as attempts. */
const notRunCodes = new Set(['TooManyRequestsException', 'ResourceNotFoundException']);

/** The mapping's name as a consumer of streams. */
export function consumerName(uuid: string): string {
  return `lambda/${uuid}`;
}
