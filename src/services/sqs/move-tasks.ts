import { randomUUID } from 'node:crypto';
import type { StartMessageMoveTaskRequest } from '@aws-sdk/client-sqs';
import type { Engine } from '../../engine/engine.ts';
import type { Checked } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { arnNotFound, invalidParameter, invalidValue, resourceNotFound } from './errors.ts';
import { sqsLimits } from './limits.ts';
import { MoveRun } from './move-run.ts';
import { handleOf, keyOf, type MoveTask, parseHandle, prefixOf } from './move-task.ts';
import { MoveTaskList } from './move-task-list.ts';
import type { Queues } from './queues.ts';

export interface MoveTasksOptions {
  readonly queues: Queues;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
}

/** Moves of messages out of dead-letter queues. A move goes on after a restart. */
export class MoveTasks extends MoveTaskList {
  readonly #options: MoveTasksOptions;
  readonly #runs = new Map<string, MoveRun>();

  constructor(options: MoveTasksOptions) {
    super(options.engine.catalog, options.queues);
    this.#options = options;
  }

  /** Goes on with the moves of an earlier run. */
  resume(): void {
    for (const [key, task] of this.table.entries()) if (task.status === 'RUNNING') this.#run(key, task);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#runs.values(), (run) => run.stop()));
  }

  /** Returns the handle of the new task. Throws ResourceNotFoundException, InvalidParameterValue. */
  async start(input: Checked<StartMessageMoveTaskRequest>): Promise<string> {
    const { queues, clock, engine } = this.#options;
    const { SourceArn: sourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: perSecond } = input;
    const source = this.requireSource(sourceArn);
    if (perSecond !== undefined && (perSecond < 1 || perSecond > sqsLimits.movesPerSecondMax)) {
      throw invalidValue(
        perSecond,
        'MaxNumberOfMessagesPerSecond',
        `Must be between 1 and ${sqsLimits.movesPerSecondMax}, if provided.`,
      );
    }
    if (DestinationArn !== undefined && queues.byArn(DestinationArn) === undefined) {
      throw arnNotFound('DestinationArn');
    }
    if (queues.sourcesOf(source.name).next().done === true) {
      throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
    }
    if (DestinationArn === sourceArn) {
      throw invalidParameter('Source queue arn and destination queue arn cannot be the same.');
    }
    const { visible } = await queues.open(source.name).messages.counts();
    const task: MoveTask = {
      id: randomUUID(),
      sourceArn,
      ...(DestinationArn !== undefined && { destinationArn: DestinationArn }),
      ...(perSecond !== undefined && { perSecond }),
      startedMs: clock.now(),
      status: 'RUNNING',
      moved: 0,
      toMove: visible,
    };
    const key = keyOf(task);
    await engine.catalog.commit((transaction) => {
      const tasks = [...transaction.entries(this.table, prefixOf(sourceArn))];
      if (tasks.some(([, { status }]) => status === 'RUNNING')) {
        throw invalidParameter(
          'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
        );
      }
      const kept = sqsLimits.moveTasksKept - 1;
      for (const [old] of tasks.slice(0, Math.max(0, tasks.length - kept)))
        transaction.delete(this.table, old);
      transaction.put(this.table, key, task);
    });
    this.#run(key, task);
    return handleOf(task);
  }

  /** Returns how many messages were moved. Throws ResourceNotFoundException, InvalidParameterValue. */
  async cancel(handle: string): Promise<number> {
    const { taskId, sourceArn } = parseHandle(handle);
    this.requireSource(sourceArn);
    const task = this.tasksOf(sourceArn).find(({ id }) => id === taskId);
    if (task === undefined) throw resourceNotFound('Task does not exist.');
    if (task.status !== 'RUNNING') throw invalidParameter('Only active tasks can be cancelled.');
    const run = this.#runs.get(keyOf(task));
    await run?.stop();
    const key = keyOf(task);
    return await this.#options.engine.catalog.commit((transaction) => {
      const present = transaction.get(this.table, key) ?? task;
      if (present.status === 'RUNNING') transaction.put(this.table, key, { ...present, status: 'CANCELLED' });
      return present.moved;
    });
  }

  #run(key: string, task: MoveTask): void {
    const run = new MoveRun({ ...this.#options, key, task, table: this.table });
    this.#runs.set(key, run);
    void run.done.finally(() => this.#runs.delete(key));
  }
}
