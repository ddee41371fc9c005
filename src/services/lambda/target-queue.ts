import type { Actor } from '../../auth/authorization/acting.ts';
import type { TargetEvent, Targets } from '../../aws/targets.ts';
import type { Engine } from '../../engine/engine.ts';
import { DispatchedQueue } from '../../queue/dispatched-queue.ts';
import type { Verdict } from '../../queue/dispatcher.ts';
import type { QueueMessage } from '../../queue/message.ts';
import { backoffMs } from '../../support/backoff.ts';
import { sleep, type Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { withoutRole } from './acting.ts';
import { lambdaLimits } from './limits.ts';

/** What is known of an event besides its content; all of it is in log lines about the event. */
export interface TargetQueueHead {
  /** ARN of the target. */
  readonly destination: string;
  /** Who sent it, in case the function is gone when it is delivered. Absent in events of earlier versions. */
  readonly actor?: Actor;
}

export interface TargetQueueOptions<Head extends TargetQueueHead> {
  readonly engine: Engine;
  readonly targets: Targets;
  readonly clock: Clock;
  readonly log: Log;
  /** Name of the queue in the engine's tables. */
  readonly name: string;
  /** What an event is, for log lines: `the report on discarded records`. */
  readonly noun: string;
  /** Events of a lane are delivered in order, or else in parallel. */
  readonly ordered: boolean;
  readonly laneOf: (head: Head) => string;
  /** Who delivers it now; undefined if the function is gone. */
  readonly actorOf: (head: Head) => Actor | undefined;
  readonly onDelivered?: (head: Head) => void;
  /** Called after each attempt that failed. */
  readonly onFailed?: (head: Head) => void;
}

const retryPause = { initialMs: lambdaLimits.mappingRetryInitialMs, maxMs: lambdaLimits.mappingRetryMsMax };

/**
 * Delivers events to targets by their ARNs: reports on discarded records, and records of asynchronous invocations.
 * Events wait in a durable queue until they are delivered. After `lambdaLimits.targetAttemptsMax` attempts an event is
 * discarded, and the log says so.
 */
export class TargetQueue<Head extends TargetQueueHead> {
  readonly #options: TargetQueueOptions<Head>;
  readonly #queue: DispatchedQueue<Head>;

  private constructor(options: TargetQueueOptions<Head>, queue: DispatchedQueue<Head>) {
    this.#options = options;
    this.#queue = queue;
  }

  static async open<Head extends TargetQueueHead>(
    options: TargetQueueOptions<Head>,
  ): Promise<TargetQueue<Head>> {
    const { engine, clock, log, name, noun, ordered } = options;
    const queue = await DispatchedQueue.open<Head>({
      engine,
      clock,
      log,
      name,
      noun,
      waitingMax: lambdaLimits.targetEventsPendingMax,
      ordered,
      atOnceMax: lambdaLimits.targetEventsAtOnceMax,
      atOncePerLaneMax: () => (ordered ? 1 : lambdaLimits.targetEventsAtOnceMax),
      attempt: (message, body) => attempt(options, message, body),
    });
    return new TargetQueue(options, queue);
  }

  /** Resumes the events that an earlier run left; returns immediately. */
  start(): void {
    this.#queue.start();
  }

  /** Resolves when the event is durable, however long that takes. Rejects when aborted. */
  async send(head: Head, event: TargetEvent, signal: AbortSignal): Promise<void> {
    const { clock, log, noun, laneOf } = this.#options;
    const to = [{ lane: laneOf(head), head }];
    const body = Buffer.from(JSON.stringify(event));
    for (;;) {
      try {
        await this.#queue.send([{ body, to }]);
        return;
      } catch (error) {
        log.error({ ...fieldsOf(head), err: error }, `could not store ${noun}; trying again`);
      }
      await sleep(clock, lambdaLimits.mappingRetryMsMax, signal);
      signal.throwIfAborted();
    }
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}

function fieldsOf(head: TargetQueueHead): Record<string, unknown> {
  return Object.fromEntries<unknown>(Object.entries(head).filter(([name]) => name !== 'actor'));
}

async function attempt<Head extends TargetQueueHead>(
  { targets, log, noun, actorOf, onDelivered, onFailed }: TargetQueueOptions<Head>,
  { head, attempts }: QueueMessage<Head>,
  body: Buffer,
): Promise<Verdict> {
  // What `send` stored.
  const event = JSON.parse(body.toString()) as TargetEvent;
  try {
    await targets.deliver(head.destination, event, actorOf(head) ?? head.actor ?? withoutRole);
  } catch (error) {
    onFailed?.(head);
    const failures = attempts + 1;
    const info = { ...fieldsOf(head), attempt: failures, err: error };
    if (failures >= lambdaLimits.targetAttemptsMax) {
      log.error(info, `could not deliver ${noun}; it was discarded after its last attempt`);
      return { type: 'settled' };
    }
    log.warn(info, `could not deliver ${noun}; trying again`);
    return { type: 'failed', retryAfterMs: backoffMs(retryPause, failures) };
  }
  onDelivered?.(head);
  return { type: 'settled' };
}
