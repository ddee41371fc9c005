import type { ListMessageMoveTasksRequest, ListMessageMoveTasksResultEntry } from '@aws-sdk/client-sqs';
import type { Catalog, Table } from '../../engine/catalog.ts';
import type { Checked } from '../../protocol/service.ts';
import { arnNotFound, invalidValue, missingParameter } from './errors.ts';
import { sqsLimits } from './limits.ts';
import { handleOf, type MoveTask, prefixOf } from './move-task.ts';
import type { Queue } from './queue.ts';
import type { QueueList } from './queue-list.ts';

/** The moves of messages out of dead-letter queues, as their rows are. */
export class MoveTaskList {
  protected readonly table: Table<MoveTask>;
  readonly #queues: QueueList;

  constructor(catalog: Pick<Catalog, 'table'>, queues: QueueList) {
    this.table = catalog.table('sqs.moveTasks');
    this.#queues = queues;
  }

  /** The newest first. Throws ResourceNotFoundException, InvalidParameterValue. */
  list({
    SourceArn: sourceArn,
    MaxResults: most = 1,
  }: Checked<ListMessageMoveTasksRequest>): ListMessageMoveTasksResultEntry[] {
    this.requireSource(sourceArn);
    if (most < 1 || most > sqsLimits.moveTasksKept) {
      throw invalidValue(
        most,
        'MaxResults',
        `MaxResults must be an integer between 1 and ${sqsLimits.moveTasksKept}.`,
      );
    }
    return this.tasksOf(sourceArn).toReversed().slice(0, most).map(outputOf);
  }

  protected requireSource(arn: string | undefined): Queue {
    if (arn === undefined) throw missingParameter('SourceArn');
    const source = this.#queues.byArn(arn);
    if (source === undefined) throw arnNotFound('SourceArn');
    return source;
  }

  /** The oldest first. */
  protected tasksOf(sourceArn: string): MoveTask[] {
    return Array.from(this.table.entries(prefixOf(sourceArn)), ([, task]) => task);
  }
}

function outputOf(task: MoveTask): ListMessageMoveTasksResultEntry {
  const { status, sourceArn, destinationArn, perSecond, moved, toMove, startedMs, failureReason } = task;
  return {
    ...(status === 'RUNNING' && { TaskHandle: handleOf(task) }),
    Status: status,
    SourceArn: sourceArn,
    ...(destinationArn !== undefined && { DestinationArn: destinationArn }),
    ...(perSecond !== undefined && { MaxNumberOfMessagesPerSecond: perSecond }),
    ApproximateNumberOfMessagesMoved: moved,
    ApproximateNumberOfMessagesToMove: toMove,
    ...(failureReason !== undefined && { FailureReason: failureReason }),
    StartedTimestamp: startedMs,
  };
}
