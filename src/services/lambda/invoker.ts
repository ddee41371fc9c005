import { randomUUID } from 'node:crypto';
import { DamagedDataError, ServiceError } from '../../errors.ts';
import { tooManyRequests } from './errors.ts';
import type { AsyncEvent } from './events/async-event.ts';
import type { AsyncInvocations, AttemptResult } from './events/async-invocations.ts';
import type { FunctionMetrics } from './function-metrics.ts';
import type { FunctionRegistry } from './function-registry.ts';
import {
  FunctionsClosedError,
  type FunctionInfo,
  type Functions,
  type InvokeOptions,
  type InvokeResult,
} from './functions.ts';
import type { RunningFunction } from './running-function.ts';
import { TooManyWaitingError, type ProcessPool } from './runtime/process-pool.ts';
import type { FinishedInvocation } from './runtime/invocation-request.ts';

/** Invokes functions for the API and for the rest of the server. */
export class Invoker implements Functions {
  readonly #registry: FunctionRegistry;
  readonly #pool: ProcessPool;
  readonly #metrics: FunctionMetrics;
  /** Invocations in progress, per function. */
  readonly #running = new Map<string, number>();
  readonly #events: () => AsyncInvocations;

  /** `events` is a function because the queue and the invoker refer to each other. */
  constructor(
    registry: FunctionRegistry,
    pool: ProcessPool,
    metrics: FunctionMetrics,
    events: () => AsyncInvocations,
  ) {
    this.#registry = registry;
    this.#pool = pool;
    this.#metrics = metrics;
    this.#events = events;
  }

  describe(name: string): FunctionInfo | undefined {
    try {
      const { definition } = this.#registry.resolve(name).found;
      const { name: bare, role, timeoutSeconds } = definition;
      return { name: bare, arn: this.#registry.arn(bare), roleArn: role, timeoutSeconds };
    } catch (error) {
      // All errors of `resolve` mean that this server has no such function.
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  async invoke(name: string, payload: Uint8Array, options: InvokeOptions = {}): Promise<InvokeResult> {
    const { found, reference } = this.#registry.resolve(name);
    return await this.#run(found, reference.arn, payload, options);
  }

  async invokeAsync(
    name: string,
    payload: Uint8Array,
    options: Pick<InvokeOptions, 'requestId' | 'clientContext'> = {},
  ): Promise<{ readonly requestId: string }> {
    const { found } = this.#registry.resolve(name);
    const { requestId = randomUUID(), clientContext } = options;
    const event = clientContext === undefined ? { requestId } : { requestId, clientContext };
    await this.#events().accept(found.name, event, payload);
    this.#metrics.add(found.name, 'AsyncEventsReceived', 1);
    return { requestId };
  }

  /** Makes one attempt at an accepted event. */
  async attempt(functionName: string, event: AsyncEvent, payload: Buffer): Promise<AttemptResult> {
    const found = this.#registry.get(functionName);
    if (found === undefined) return 'functionGone';
    try {
      const result = await this.#run(found, this.#registry.arn(found.name), payload, event);
      return result.functionError === undefined ? 'succeeded' : 'failed';
    } catch (error) {
      if (error instanceof ServiceError || error instanceof FunctionsClosedError) return 'notBegun';
      if (error instanceof DamagedDataError) return 'failed';
      throw error;
    }
  }

  async #run(
    found: RunningFunction,
    functionArn: string,
    payload: Uint8Array,
    { requestId = randomUUID(), clientContext, signal, waitMsMax }: InvokeOptions,
  ): Promise<InvokeResult> {
    const { name } = found;
    if (!found.isChecked) await found.checkCode();
    let finished: FinishedInvocation;
    try {
      this.#count(name, 1);
      const work = { requestId, payload, functionArn, clientContext };
      finished = await this.#pool.run(found, work, { signal, waitMsMax });
    } catch (error) {
      if (!(error instanceof TooManyWaitingError)) throw error;
      this.#metrics.add(name, 'Throttles', 1);
      throw tooManyRequests({ reserved: found.definition.concurrencyReserved === true });
    } finally {
      this.#count(name, -1);
    }
    this.#metrics.add(name, 'Invocations', 1);
    this.#metrics.add(name, 'Errors', finished.functionError === undefined ? 0 : 1);
    this.#metrics.add(name, 'Duration', finished.durationMs);
    return {
      payload: finished.payload,
      functionError: finished.functionError,
      requestId,
      executedVersion: '$LATEST',
      logTail: finished.logTail,
    };
  }

  #count(name: string, change: 1 | -1): void {
    const running = (this.#running.get(name) ?? 0) + change;
    if (running === 0) this.#running.delete(name);
    else this.#running.set(name, running);
    if (change === 1) this.#metrics.add(name, 'ConcurrentExecutions', running);
  }
}
