import type { Targets } from '../../../aws/targets.ts';
import type { Engine } from '../../../engine/engine.ts';
import { lambdaLimits } from '../limits.ts';
import { DispatchedQueue } from '../../../queue/dispatched-queue.ts';
import type { Verdict } from '../../../queue/dispatcher.ts';
import type { QueueMessage } from '../../../queue/message.ts';
import { backoffMs } from '../../../support/backoff.ts';
import { sleep, type Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { FailureReport } from './failure-report.ts';

/** The records of a report, and its destination. */
export interface FailureReportInfo {
  readonly destination: string;
  readonly mapping: string;
  readonly functionArn: string;
  readonly shard: string;
  readonly condition: string;
  readonly records: number;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export interface FailureReportsOptions {
  readonly engine: Engine;
  readonly targets: Targets;
  readonly clock: Clock;
  readonly log: Log;
}

const retryPause = { initialMs: lambdaLimits.mappingRetryInitialMs, maxMs: lambdaLimits.mappingRetryMsMax };

/**
 * Delivers reports on discarded records to failure destinations. Reports wait in a durable queue, in order per shard,
 * until they are delivered. After `lambdaLimits.mappingReportAttemptsMax` attempts a report is discarded, and the log
 * says so.
 */
export class FailureReports {
  readonly #options: FailureReportsOptions;
  readonly #queue: DispatchedQueue<FailureReportInfo>;

  private constructor(options: FailureReportsOptions, queue: DispatchedQueue<FailureReportInfo>) {
    this.#options = options;
    this.#queue = queue;
  }

  static async open(options: FailureReportsOptions): Promise<FailureReports> {
    const { engine, clock, log } = options;
    const queue = await DispatchedQueue.open<FailureReportInfo>({
      engine,
      clock,
      log,
      name: 'lambda.failure-reports',
      noun: 'a report on discarded records',
      waitingMax: lambdaLimits.mappingReportsPendingMax,
      ordered: true,
      atOnceMax: lambdaLimits.mappingReportsAtOnceMax,
      atOncePerLaneMax: () => 1,
      attempt: (message, body) => attempt(options, message, body),
    });
    return new FailureReports(options, queue);
  }

  /** Resumes the reports that an earlier run left; returns immediately. */
  start(): void {
    this.#queue.start();
  }

  /** Resolves when the report is durable: until then its records count as not processed. Rejects when aborted. */
  async send(info: FailureReportInfo, report: FailureReport, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    const to = [{ lane: `${info.mapping}/${info.shard}`, head: info }];
    const body = Buffer.from(JSON.stringify(report));
    for (;;) {
      try {
        await this.#queue.send([{ body, to }]);
        return;
      } catch (error) {
        log.error({ ...info, err: error }, 'could not store the report on discarded records; trying again');
      }
      await sleep(clock, lambdaLimits.mappingRetryMsMax, signal);
      signal.throwIfAborted();
    }
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}

async function attempt(
  { targets, log }: FailureReportsOptions,
  { head, attempts }: QueueMessage<FailureReportInfo>,
  body: Buffer,
): Promise<Verdict> {
  // What `send` stored.
  const report = JSON.parse(body.toString()) as FailureReport;
  try {
    await targets.deliver(head.destination, report);
    return { type: 'settled' };
  } catch (error) {
    const failures = attempts + 1;
    const info = { ...head, attempt: failures, err: error };
    if (failures >= lambdaLimits.mappingReportAttemptsMax) {
      log.error(
        info,
        'a report on discarded records could not be delivered and was discarded after its last attempt',
      );
      return { type: 'settled' };
    }
    log.warn(info, 'could not deliver the report on discarded records; trying again');
    return { type: 'failed', retryAfterMs: backoffMs(retryPause, failures) };
  }
}
