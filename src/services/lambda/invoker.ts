import { randomUUID } from 'node:crypto';
import { callKeyOf } from '../../engine/idempotency-key.ts';
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
      const { found, reference } = this.#registry.resolve(name);
      const { name: bare, role, isUnlimited = false, timeoutSeconds } = found.definition;
      const arn = this.#registry.arn(bare);
      return { name: bare, arn, qualifiedArn: reference.arn, roleArn: role, isUnlimited, timeoutSeconds };
    } catch (error) {
      // All errors of `resolve` mean that this server has no such function.
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  async invoke(name: string, payload: Uint8Array, options: InvokeOptions = {}): Promise<InvokeResult> {
    const { found, reference } = this.#registry.choose(name);
    return await this.#run(found, reference.arn, payload, options);
  }

  async invokeAsync(
    name: string,
    payload: Uint8Array,
    options: Pick<InvokeOptions, 'requestId' | 'clientContext' | 'trace'> & {
      readonly invocationId?: string;
    } = {},
  ): Promise<{ readonly requestId: string }> {
    const { found, reference } = this.#registry.resolve(name);
    const { requestId = randomUUID(), clientContext, trace, invocationId } = options;
    const { qualifier } = reference;
    const event = {
      requestId,
      ...(clientContext === undefined ? {} : { clientContext }),
      ...(qualifier === undefined ? {} : { qualifier }),
      ...(trace === undefined ? {} : { trace }),
    };
    const owner = `${reference.arn} ${clientContext ?? ''}`;
    await this.#events().accept(found.name, event, payload, callKeyOf(invocationId, owner, payload));
    this.#metrics.add(found.name, 'AsyncEventsReceived', 1);
    return { requestId };
  }

  /** Makes one attempt at an accepted event. */
  async attempt(functionName: string, event: AsyncEvent, payload: Buffer): Promise<AttemptResult> {
    let chosen: ReturnType<FunctionRegistry['choose']>;
    try {
      chosen = this.#registry.choose(functionName, event.qualifier);
    } catch (error) {
      if (error instanceof ServiceError) return { type: 'functionGone' };
      throw error;
    }
    try {
      const result = await this.#run(chosen.found, chosen.reference.arn, payload, event);
      return { type: result.functionError === undefined ? 'succeeded' : 'failed', response: result };
    } catch (error) {
      if (error instanceof ServiceError || error instanceof FunctionsClosedError) return { type: 'notBegun' };
      if (error instanceof DamagedDataError) return { type: 'failed', response: undefined };
      throw error;
    }
  }

  async #run(
    found: RunningFunction,
    functionArn: string,
    payload: Uint8Array,
    { requestId = randomUUID(), clientContext, signal, waitMsMax, waitsForPause, trace }: InvokeOptions,
  ): Promise<InvokeResult> {
    const { name } = found;
    if (found.concurrencyMax === 0) {
      this.#metrics.add(name, 'Throttles', 1);
      throw tooManyRequests({ reserved: true });
    }
    if (!found.isChecked) await found.checkCode();
    let finished: FinishedInvocation;
    try {
      this.#count(name, 1);
      const work = { requestId, payload, functionArn, clientContext, trace };
      finished = await this.#pool.run(found, work, { signal, waitMsMax, waitsForPause });
    } catch (error) {
      if (!(error instanceof TooManyWaitingError)) throw error;
      this.#metrics.add(name, 'Throttles', 1);
      throw tooManyRequests({ reserved: found.isReserved });
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
      executedVersion: found.definition.version,
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
