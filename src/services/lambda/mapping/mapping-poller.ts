import { randomUUID } from 'node:crypto';
import type { ShardBatch } from '../../../consumers/batch.ts';
import type { KeyedLock } from '../../../support/keyed-lock.ts';
import type { CatalogCheckpoints } from '../../../consumers/checkpoints.ts';
import type { StreamRecord, StreamSource } from '../../../consumers/source.ts';
import { StreamConsumer } from '../../../consumers/stream-consumer.ts';
import { ServiceError } from '../../../errors.ts';
import { lambdaLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { FunctionMetrics } from '../function-metrics.ts';
import type { Functions } from '../functions.ts';
import { runBatch, type DiscardedRecords, type BatchOutcome } from './batch-run.ts';
import { encodeEvent, recordsBytesMax, recordSizer, type EventInfo } from './event.ts';
import { failureReport } from './failure-report.ts';
import type { FailureReports } from './failure-reports.ts';
import { compileStoredFilters } from './filter.ts';
import { firstFailure } from './item-failures.ts';
import type { MappingRow } from './mapping-row.ts';

export interface MappingPollerDependencies {
  readonly streams: StreamSource;
  readonly functions: Functions;
  readonly shardLocks: KeyedLock;
  /** Where records that were given up are reported. */
  readonly reports: FailureReports;
  readonly metrics: FunctionMetrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
}

/** A running mapping, with the options it had when it started. */
export class MappingPoller {
  readonly #row: MappingRow;
  readonly #dependencies: MappingPollerDependencies;
  readonly #consumer: StreamConsumer;
  readonly #info: EventInfo;
  readonly #report: (result: string) => Promise<void>;

  /** Calls `report` with each result, in the words of LastProcessingResult. */
  constructor(
    row: MappingRow,
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
    const select = compileStoredFilters(options.filters, (pattern, reason) =>
      log.warn(
        { mapping: row.uuid, pattern },
        `stored filter pattern is no longer valid and keeps its old meaning: ${reason}`,
      ),
    );
    this.#consumer = new StreamConsumer({
      name: consumerName(row.uuid),
      stream: row.streamArn,
      source: streams,
      positions,
      shardLocks,
      start: start.type === 'AT_TIMESTAMP' ? start : { type: 'TRIM_HORIZON' },
      batch: {
        recordsMax: options.batchSize,
        bytesMax: recordsBytesMax(lambdaLimits.mappingPayloadBytesMax),
        sizeOf: recordSizer(this.#info),
        windowMs: options.windowSeconds * 1000,
        lanes: options.parallelization,
        ...(select === undefined ? {} : { select }),
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
      invoke: (records, signal) => this.#invoke(batch.shard.shardId, records, signal),
      discard: (discarded) => this.#discard(batch, discarded),
      report: this.#report,
    });
  }

  async #invoke(
    shardId: string,
    records: readonly StreamRecord[],
    signal: AbortSignal,
  ): Promise<BatchOutcome> {
    const { functions, metrics, clock, streams } = this.#dependencies;
    const { sourceArn, streamArn } = this.#row;
    if (sourceArn !== streamArn && streams.describe(sourceArn) === undefined) {
      return { type: 'notRun', reason: `Consumer not found: ${sourceArn}` };
    }
    const last = records.at(-1);
    if (last !== undefined) {
      metrics.add(this.#row.functionName, 'IteratorAge', Math.max(0, clock.now() - last.arrivalMs));
    }
    const requestId = randomUUID();
    try {
      const event = encodeEvent(this.#info, shardId, records);
      const result = await functions.invoke(this.#row.functionArn, event, { requestId, signal });
      const details = { requestId, functionError: result.functionError };
      if (result.functionError !== undefined) {
        return { type: 'failed', details, reason: 'Function call failed' };
      }
      if (!this.#row.options.reportItemFailures) return { type: 'done' };
      const index = firstFailure(result.payload, records);
      return index === records.length ? { type: 'done' } : { type: 'failedFrom', index, details };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (notRunCodes.has(error.code)) return { type: 'notRun', reason: error.message };
      return { type: 'failed', details: { requestId, functionError: undefined }, reason: error.message };
    }
  }

  /** Without a destination the records are lost, as on AWS; the log says so. */
  async #discard({ shard, signal }: ShardBatch, discarded: DiscardedRecords): Promise<void> {
    const { log, reports, clock } = this.#dependencies;
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
    if (options.onFailure === undefined) return;
    const report = failureReport(discarded, {
      mappingUuid: uuid,
      functionArn,
      streamArn,
      shardId: shard.shardId,
      nowMs: clock.now(),
      reportId: randomUUID(),
      event: encodeEvent(this.#info, shard.shardId, records),
    });
    await reports.send({ destination: options.onFailure, ...info }, report, signal);
  }
}

/** Errors raised before the function ran: they do not count as attempts. */
const notRunCodes = new Set(['TooManyRequestsException', 'ResourceNotFoundException']);

/** The mapping's name as a consumer of streams. */
export function consumerName(uuid: string): string {
  return `lambda/${uuid}`;
}
