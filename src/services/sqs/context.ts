import type { MessageCounts } from '../../queue/leased/contract.ts';
import type { RequestTraces } from '../../protocol/trace-context.ts';
import type { Clock } from '../../support/clock.ts';
import type { MoveTaskList } from './move-task-list.ts';
import type { MoveTasks } from './move-tasks.ts';
import type { Queue } from './queue.ts';
import type { QueueList } from './queue-list.ts';
import type { Queues } from './queues.ts';

/** The state of SQS's operations that only read. */
export interface SqsReads {
  readonly queues: QueueList;
  readonly moveTasks: MoveTaskList;
  /** The messages of a queue. Rejects with NotOwnerError at a machine that cannot know. */
  readonly countsOf: (queue: Queue) => Promise<MessageCounts>;
}

/** The state that SQS's operations share. */
export interface SqsContext extends SqsReads {
  readonly queues: Queues;
  readonly moveTasks: MoveTasks;
  readonly clock: Clock;
  readonly traces: RequestTraces;
}
