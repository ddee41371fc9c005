import type { Table } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Lease } from '../../queue/leased/lease.ts';
import { ServiceError } from '../../errors.ts';
import { sleep, type Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { sqsLimits } from './limits.ts';
import type { MoveTask } from './move-task.ts';
import { extraIn, type OpenQueue } from './open-queue.ts';
import type { Queues } from './queues.ts';
import { asNew } from './redrive-message.ts';

export interface MoveRunOptions {
  readonly queues: Queues;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly table: Table<MoveTask>;
  readonly key: string;
  readonly task: MoveTask;
}

/** Carries out one move: message by message in steps, each in one commit for each destination. */
export class MoveRun {
  readonly done: Promise<void>;
  readonly #options: MoveRunOptions;
  readonly #stopping = new AbortController();
  #moved: number;

  constructor(options: MoveRunOptions) {
    this.#options = options;
    this.#moved = options.task.moved;
    this.done = this.#run();
  }

  /** Stops after the present step. The task stays as it is. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.done;
  }

  async #run(): Promise<void> {
    const { clock, log, task } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (await this.#step()) return;
      } catch (error) {
        if (error instanceof ServiceError) return await this.#end('FAILED', error);
        if (signal.aborted) return;
        log.warn({ err: error, queue: task.sourceArn }, 'could not move messages of a queue; trying again');
        await sleep(clock, sqsLimits.moveRetryMs, signal);
      }
    }
  }

  /** Returns whether that was the last one. Throws ServiceError when the move cannot go on. */
  async #step(): Promise<boolean> {
    const { queues, clock, task } = this.#options;
    const { perSecond = sqsLimits.movesPerSecondMax } = task;
    const source = queues.byArn(task.sourceArn);
    if (source === undefined) return true;
    const open = queues.open(source.name);
    const startedMs = clock.now();
    const most = Math.min(perSecond, sqsLimits.movesPerStep, task.toMove - this.#moved);
    const leases = most <= 0 ? [] : await open.messages.takeOut(most);
    if (leases.length === 0) {
      await this.#end('COMPLETED');
      return true;
    }
    await this.#move(open, leases);
    this.#moved += leases.length;
    await this.#store({ ...task, moved: this.#moved });
    if (this.#moved >= task.toMove) {
      await this.#end('COMPLETED');
      return true;
    }
    const pauseMs = (leases.length * 1000) / perSecond - (clock.now() - startedMs);
    if (pauseMs > 0) await sleep(clock, pauseMs, this.#stopping.signal);
    return false;
  }

  async #move(open: OpenQueue, leases: readonly Lease[]): Promise<void> {
    const { queues, task } = this.#options;
    const left = new Set(leases);
    try {
      const byTarget = new Map<OpenQueue, Lease[]>();
      for (const lease of leases) {
        const target = queues.require(
          queues.byArn(task.destinationArn ?? (await this.#sourceOf(open, lease)))?.name ?? '',
        );
        const to = queues.open(target.name);
        const of = byTarget.get(to);
        if (of === undefined) byTarget.set(to, [lease]);
        else of.push(lease);
      }
      for (const [to, of] of byTarget) {
        await open.messages.moveTo(of, to.messages, asNew);
        for (const lease of of) left.delete(lease);
      }
    } finally {
      open.messages.putBack([...left]);
    }
  }

  async #sourceOf(open: OpenQueue, lease: Lease): Promise<string> {
    const message = await open.messages.peek(lease);
    return (message && extraIn(message).source) ?? '';
  }

  async #end(status: 'COMPLETED' | 'FAILED', error?: ServiceError): Promise<void> {
    const failureReason =
      error?.code === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : error?.code;
    await this.#store({
      ...this.#options.task,
      status,
      moved: this.#moved,
      ...(failureReason !== undefined && { failureReason }),
    });
  }

  async #store(task: MoveTask): Promise<void> {
    const { engine, table, key } = this.#options;
    await engine.catalog.commit((transaction) => {
      if (transaction.get(table, key)?.status === 'RUNNING') transaction.put(table, key, task);
    });
  }
}
