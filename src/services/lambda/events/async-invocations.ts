import { EngineBusyError, type Engine } from '../../../engine/engine.ts';
import { lambdaLimits } from '../limits.ts';
import { DispatchedQueue } from '../../../queue/dispatched-queue.ts';
import type { Verdict } from '../../../queue/dispatcher.ts';
import { QueueFullError } from '../../../queue/durable-queue.ts';
import type { QueueMessage } from '../../../queue/message.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { tooManyRequests } from '../errors.ts';
import type { AsyncEvent } from './async-event.ts';
import { takeOverEvents } from './earlier-events.ts';

/** How an attempt ended. `notBegun`: the function did not run, so the attempt does not count. */
export type AttemptResult = 'succeeded' | 'failed' | 'notBegun' | 'functionGone';

export interface AsyncInvocationsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  /** Runs the function once. */
  readonly attempt: (functionName: string, event: AsyncEvent, payload: Buffer) => Promise<AttemptResult>;
  /** The number of events of a function that may run at once. */
  readonly atOnceMax: (functionName: string) => number;
  readonly onDropped: (functionName: string) => void;
  /** The pause after the first failure; the second is twice as long. Lambda waits one minute. */
  readonly retryDelayMs: number;
}

/** Name of the queue in the engine's tables. */
export const ASYNC_EVENTS = 'lambda.events';

const RETRY_NOT_BEGUN_MS = 1_000;

/**
 * Asynchronous invocations, from acceptance until they succeed or have failed three times
 * (docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html). Each runs at least once, also after a
 * crash; invocations of one function start in the order of their acceptance.
 */
export class AsyncInvocations {
  readonly #queue: DispatchedQueue<AsyncEvent>;

  private constructor(queue: DispatchedQueue<AsyncEvent>) {
    this.#queue = queue;
  }

  static async open(options: AsyncInvocationsOptions): Promise<AsyncInvocations> {
    const { engine, clock, log, atOnceMax } = options;
    const queue = await DispatchedQueue.open<AsyncEvent>({
      engine,
      clock,
      log,
      name: ASYNC_EVENTS,
      noun: 'an asynchronous invocation',
      waitingMax: lambdaLimits.asyncEventsPendingMax,
      atOnceMax: lambdaLimits.asyncEventsAtOnceMax,
      atOncePerLaneMax: atOnceMax,
      takeOver: (to) => takeOverEvents(engine, to, clock),
      attempt: (message, payload) => attemptInvocation(options, message, payload),
    });
    return new AsyncInvocations(queue);
  }

  /** Resumes the invocations that an earlier run of the server left. */
  start(): void {
    this.#queue.start();
  }

  /** Resolves when it is durable. Throws TooManyRequestsException. */
  async accept(functionName: string, event: AsyncEvent, payload: Uint8Array): Promise<void> {
    try {
      const to = [{ lane: functionName, head: event }];
      await this.#queue.send([{ body: payload, to }]);
    } catch (error) {
      if (error instanceof EngineBusyError || error instanceof QueueFullError) throw tooManyRequests();
      throw error;
    }
  }

  /** Starts no more attempts and waits for those in progress; the rest continues after the next start. */
  async close(): Promise<void> {
    await this.#queue.close();
  }
}

async function attemptInvocation(
  options: AsyncInvocationsOptions,
  message: QueueMessage<AsyncEvent>,
  payload: Buffer,
): Promise<Verdict> {
  const { clock, attempt, retryDelayMs } = options;
  const ageMs = clock.now() - message.sentMs;
  if (ageMs > lambdaLimits.asyncEventAgeMsMax) return drop(options, message, 'it is too old');
  switch (await attempt(message.lane, message.head, payload)) {
    case 'succeeded':
      return { type: 'settled' };
    case 'functionGone':
      return drop(options, message, 'its function was deleted');
    case 'notBegun':
      return { type: 'notBegun', retryAfterMs: RETRY_NOT_BEGUN_MS };
    case 'failed': {
      const failures = message.attempts + 1;
      if (failures > lambdaLimits.asyncRetriesMax) return drop(options, message, 'it has failed too often');
      return { type: 'failed', retryAfterMs: retryDelayMs * failures };
    }
  }
}

function drop(
  { log, onDropped }: AsyncInvocationsOptions,
  { lane, head, attempts }: QueueMessage<AsyncEvent>,
  reason: string,
): Verdict {
  log.warn(
    { function: lane, requestId: head.requestId, attempts },
    `an asynchronous invocation was discarded: ${reason}`,
  );
  onDropped(lane);
  return { type: 'settled' };
}
