import { randomUUID } from 'node:crypto';
import type { Acting } from '../../../../auth/authorization/acting.ts';
import { ServiceError } from '../../../../errors.ts';
import { backoffMs } from '../../../../support/backoff.ts';
import { sleep, type Clock } from '../../../../support/clock.ts';
import type { Log } from '../../../../support/log.ts';
import type { TraceContext } from '../../../../support/trace-context.ts';
import type { WorkSpans } from '../../../../support/work-spans.ts';
import type { MessageQueues, QueuedMessage } from '../../../sqs/message-queues.ts';
import type { MappingMetrics, mappingMetricUnits } from '../../function-metrics.ts';
import { type Functions, FunctionsClosedError } from '../../functions.ts';
import { lambdaLimits } from '../../limits.ts';
import { Blockages } from '../blockages.ts';
import { failedItems } from '../item-failures.ts';
import type { RunningMapping } from '../mapping-lifecycle.ts';
import type { QueueMappingRow } from '../mapping-row.ts';
import { permittedQueues } from '../source-permit.ts';
import { QueueBatch } from './queue-batch.ts';
import {
  encodeQueueEvent,
  encodeRecord,
  type QueueEventInfo,
  type QueueRecord,
  traceOf,
} from './queue-event.ts';
import { compileQueueFilters, type MessageFilter } from './queue-filter.ts';

export interface QueuePollerDependencies {
  readonly acting: Acting;
  readonly queues: MessageQueues;
  readonly functions: Functions;
  readonly spans: WorkSpans;
  readonly mappingMetrics: MappingMetrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly region: string;
}

const ITEM_FAILURES = 'Function reported batch item failures';

const retryPause = { initialMs: lambdaLimits.mappingRetryInitialMs, maxMs: lambdaLimits.mappingRetryMsMax };

/**
 * A running mapping of a queue, with the options it had when it started. It receives messages, gives them to the
 * function in batches, and deletes those that the function has handled; the others become visible again when their
 * visibility timeout ends, as on AWS. What keeps a group of a FIFO queue in order is the queue, which gives out none of
 * its messages while earlier ones are in flight.
 */
export class QueuePoller implements RunningMapping {
  /** A queue has no positions to block. */
  readonly blockages = new Blockages();
  readonly #row: QueueMappingRow;
  readonly #dependencies: QueuePollerDependencies;
  readonly #report: (result: string) => Promise<void>;
  readonly #info: QueueEventInfo;
  readonly #filter: MessageFilter | undefined;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #polling: Promise<void> = Promise.resolve();
  /** Received for a batch that had no room for them. */
  #left: readonly QueueRecord[] = [];
  /** Batches that failed since the last one that did not. */
  #failures = 0;

  /** Calls `report` with each result, in the words of LastProcessingResult. */
  constructor(
    row: QueueMappingRow,
    dependencies: QueuePollerDependencies,
    report: (result: string) => Promise<void>,
  ) {
    this.#row = row;
    this.#dependencies = {
      ...dependencies,
      queues: permittedQueues(dependencies.queues, { ...dependencies, ...row, report }),
    };
    this.#report = report;
    this.#info = { queueArn: row.queueArn, region: dependencies.region };
    this.#filter = compileQueueFilters(row.options.filters);
  }

  start(): void {
    this.#polling = this.#poll();
  }

  /** Waits for invocations in progress; messages that were not given to the function become visible at once. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#polling;
    await Promise.all(this.#running);
  }

  async #poll(): Promise<void> {
    const { clock } = this.#dependencies;
    const { signal } = this.#closing;
    const atOnceMax = this.#row.options.concurrencyMax ?? lambdaLimits.queueBatchesAtOnceMax;
    for (let faults = 0; !signal.aborted;) {
      while (this.#running.size >= atOnceMax) await Promise.race(this.#running);
      const batch = new QueueBatch(this.#row.options.batchSize, lambdaLimits.mappingPayloadBytesMax);
      try {
        await this.#collect(batch, signal);
        faults = 0;
      } catch (error) {
        faults++;
        await this.#reportFault(error);
        await sleep(clock, backoffMs(retryPause, faults), signal);
      }
      if (signal.aborted) await this.#release(batch.records);
      else if (batch.isEmpty) await sleep(clock, lambdaLimits.queuePollPauseMs, signal);
      else this.#begin(batch);
    }
    await this.#release(this.#left);
  }

  /** Waits for the first message, and then for others until the batch is full or its window is over. */
  async #collect(batch: QueueBatch, signal: AbortSignal): Promise<void> {
    const { queues, clock } = this.#dependencies;
    const { queueArn, options } = this.#row;
    const windowMs = options.windowSeconds * 1000;
    this.#left = batch.add(this.#left);
    let endMs = clock.now() + (batch.isEmpty ? lambdaLimits.queuePollWaitMs : windowMs);
    while (!batch.isFull && !signal.aborted) {
      const waitMs = endMs - clock.now();
      if (waitMs <= 0) return;
      const wasEmpty = batch.isEmpty;
      const most = Math.min(batch.room, lambdaLimits.queueReceiveMessagesMax);
      const received = await queues.receive(queueArn, { most, waitMs, signal });
      if (received.length === 0) return;
      this.#count('PolledEventCount', received.length);
      this.#left = batch.add(await this.#select(received));
      if (wasEmpty && !batch.isEmpty) endMs = clock.now() + windowMs;
    }
  }

  /** Deletes the messages that no filter wants. */
  async #select(received: readonly QueuedMessage[]): Promise<QueueRecord[]> {
    const { queues, clock } = this.#dependencies;
    const { queueArn } = this.#row;
    const visibleMs = clock.now() + (queues.describe(queueArn)?.visibilityMs ?? 0);
    const wanted: QueueRecord[] = [];
    const unwanted: string[] = [];
    for (const message of received) {
      const { messageId, receiptHandle } = message;
      if (this.#filter !== undefined && !this.#filter(message)) unwanted.push(receiptHandle);
      else {
        const text = encodeRecord(this.#info, message);
        wanted.push({ messageId, receiptHandle, text, trace: traceOf(message), visibleMs });
      }
    }
    if (this.#filter !== undefined) this.#count('FilteredOutEventCount', unwanted.length);
    if (unwanted.length > 0) await queues.delete(queueArn, unwanted);
    return wanted;
  }

  #begin(batch: QueueBatch): void {
    const running = this.#complete(batch).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #complete(batch: QueueBatch): Promise<void> {
    const { clock, log } = this.#dependencies;
    try {
      await this.#run(batch);
    } catch (error) {
      // Its messages become visible again.
      log.error({ mapping: this.#row.uuid, err: error }, 'a batch of a queue was not completed');
    }
    // A function that fails gets fewer batches, while the messages wait for their visibility timeouts.
    if (this.#failures > 0) await sleep(clock, backoffMs(retryPause, this.#failures), this.#closing.signal);
  }

  async #run(batch: QueueBatch): Promise<void> {
    const { queues } = this.#dependencies;
    const { records } = batch;
    const outcome = await this.#traced(batch);
    if (outcome.type === 'interrupted') return await this.#release(records);
    if (outcome.type === 'unknown') return;
    const failed = records.filter(
      ({ messageId }) => outcome.type !== 'returned' || outcome.failed.has(messageId),
    );
    this.#count('InvokedEventCount', outcome.type === 'notRun' ? 0 : records.length);
    this.#count('FailedInvokeEventCount', failed.length);
    const done = records.filter((record) => !failed.includes(record));
    if (done.length > 0) {
      await queues.delete(
        this.#row.queueArn,
        done.map(({ receiptHandle }) => receiptHandle),
      );
      this.#count('DeletedEventCount', done.length);
    }
    this.#failures = done.length > 0 ? 0 : this.#failures + 1;
    if (outcome.type !== 'returned') await this.#report(`PROBLEM: ${outcome.reason}`);
    else if (failed.length > 0) await this.#report(`PROBLEM: ${ITEM_FAILURES}`);
    else await this.#report('OK');
  }

  /** With a span, if the trace of one of the messages is recorded. */
  async #traced(batch: QueueBatch): Promise<Outcome> {
    const { functionName, queueArn } = this.#row;
    const queue = queueArn.slice(queueArn.lastIndexOf(':') + 1);
    const causes = batch.records.flatMap(({ trace }) => trace ?? []);
    const span = this.#dependencies.spans.begin({ name: `process ${queue}`, kind: 'consumer', causes });
    const outcome = await this.#invoke(batch, span?.trace);
    if (outcome.type === 'interrupted' || outcome.type === 'unknown') return outcome;
    const attributes = {
      'messaging.system': 'aws_sqs',
      'messaging.operation.type': 'process',
      'messaging.destination.name': queue,
      'messaging.batch.message_count': batch.records.length,
      'faas.invoked_name': functionName,
      'faas.invoked_provider': 'aws',
    };
    span?.end(attributes, failureOf(outcome));
    return outcome;
  }

  async #invoke(batch: QueueBatch, trace: TraceContext | undefined): Promise<Outcome> {
    const { functions, clock } = this.#dependencies;
    const { functionArn, options } = this.#row;
    const { signal } = this.#closing;
    const { records } = batch;
    const timeoutMs = (functions.describe(functionArn)?.timeoutSeconds ?? 0) * 1000;
    // The function is not to work on messages that others can receive already.
    const waitMs = batch.visibleMs - timeoutMs - clock.now();
    const waitMsMax = Math.max(lambdaLimits.queueInvokeWaitMsMin, waitMs);
    try {
      const event = encodeQueueEvent(records);
      const result = await functions.invoke(functionArn, event, {
        requestId: randomUUID(),
        waitMsMax,
        signal,
        trace,
      });
      if (result.functionError !== undefined) return { type: 'failed', reason: 'Function call failed' };
      if (!options.reportItemFailures) return { type: 'returned', failed: new Set() };
      const ids = new Set(records.map(({ messageId }) => messageId));
      return { type: 'returned', failed: failedItems(result.payload, ids) };
    } catch (error) {
      if (error instanceof FunctionsClosedError) return { type: 'unknown' };
      if (signal.aborted) return { type: 'interrupted' };
      // Before the function ran.
      if (error instanceof ServiceError) return { type: 'notRun', reason: error.message };
      throw error;
    }
  }

  /** Makes messages visible that were not given to the function. */
  async #release(records: readonly QueueRecord[]): Promise<void> {
    const { queues, log } = this.#dependencies;
    for (const { receiptHandle } of records) {
      try {
        await queues.changeVisibility(this.#row.queueArn, receiptHandle, 0);
      } catch (error) {
        log.debug({ mapping: this.#row.uuid, err: error }, 'a message waits for its visibility timeout');
      }
    }
  }

  async #reportFault(error: unknown): Promise<void> {
    if (error instanceof ServiceError) return await this.#report(`PROBLEM: ${error.message}`);
    this.#dependencies.log.error(
      { mapping: this.#row.uuid, err: error },
      'could not receive messages of a queue; trying again',
    );
  }

  #count(metric: keyof typeof mappingMetricUnits, value: number): void {
    const { options, uuid } = this.#row;
    if (options.countsEvents === true) this.#dependencies.mappingMetrics.add(uuid, metric, value);
  }
}

function failureOf(outcome: Exclude<Outcome, { type: 'interrupted' | 'unknown' }>): string | undefined {
  if (outcome.type !== 'returned') return outcome.reason;
  return outcome.failed.size === 0 ? undefined : ITEM_FAILURES;
}

type Outcome =
  | { readonly type: 'returned'; readonly failed: ReadonlySet<string> }
  | { readonly type: 'failed' | 'notRun'; readonly reason: string }
  /** The mapping stops before the function ran. */
  | { readonly type: 'interrupted' }
  /** The server stops: the function may have run. */
  | { readonly type: 'unknown' };
