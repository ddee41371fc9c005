import { formatArn, type RegionAndAccount } from '../../aws/arn.ts';
import {
  type Authorization,
  type AuthorizationRule,
  type Caller,
  creationOf,
  onAll,
  requestTags,
  tagKeys,
} from '../../protocol/authorization.ts';
import type api from './api.json';
import { missingParameter } from './errors.ts';
import { parseHandle } from './move-task.ts';
import { nameOf } from './queue-url.ts';
import type { QueueList } from './queue-list.ts';

interface QueueInput {
  readonly QueueUrl?: string;
}

type Tags = Readonly<Record<string, string>>;

interface NameInput {
  readonly QueueName: string;
  readonly tags?: Tags;
}

interface MoveInput {
  readonly SourceArn: string;
  readonly DestinationArn?: string;
}

/** What the operations of SQS need (service authorization reference, Amazon SQS). Batches need the action of one. */
export function sqsAuthorization(place: RegionAndAccount, queues: QueueList): Authorization {
  const arnOf = (name: string): string => formatArn('sqs', place, name);
  const queueOf = ({ QueueUrl }: QueueInput, caller: Caller): string => arnOf(nameOf(QueueUrl, caller));
  const onQueue: AuthorizationRule = queueOf;
  const batch =
    (action: string) =>
    (input: QueueInput, caller: Caller): { action: string; resource: string } => ({
      action: `sqs:${action}`,
      resource: queueOf(input, caller),
    });
  /** Without a destination, messages go back to the queues that they came from. */
  const destinationsOf = (sourceArn: string, destinationArn: string | undefined): readonly string[] => {
    if (destinationArn !== undefined) return [destinationArn];
    const name = queues.byArn(sourceArn)?.name;
    return name === undefined ? [] : Array.from(queues.sourcesOf(name), (source) => arnOf(source.name));
  };
  const rules = {
    AddPermission: onQueue,
    CancelMessageMoveTask: ({ TaskHandle }: { readonly TaskHandle?: string }) => {
      if (TaskHandle === undefined) throw missingParameter('TaskHandle');
      return parseHandle(TaskHandle).sourceArn;
    },
    ChangeMessageVisibility: onQueue,
    ChangeMessageVisibilityBatch: batch('ChangeMessageVisibility'),
    CreateQueue: ({ QueueName, tags }: NameInput) =>
      creationOf(arnOf(QueueName), requestTags(tags), 'sqs:TagQueue'),
    DeleteMessage: onQueue,
    DeleteMessageBatch: batch('DeleteMessage'),
    DeleteQueue: onQueue,
    GetQueueAttributes: onQueue,
    GetQueueUrl: ({ QueueName }: NameInput) => arnOf(QueueName),
    ListDeadLetterSourceQueues: onQueue,
    ListMessageMoveTasks: ({ SourceArn }: MoveInput) => SourceArn,
    ListQueueTags: onQueue,
    ListQueues: onAll,
    PurgeQueue: onQueue,
    ReceiveMessage: onQueue,
    // As a move task of the whole queue.
    RedriveMessageBatch: (input: QueueInput & { readonly DestinationArn?: string }, caller: Caller) => {
      const queue = queueOf(input, caller);
      return [
        ...['ReceiveMessage', 'DeleteMessage'].map((name) => ({ action: `sqs:${name}`, resource: queue })),
        { action: 'sqs:StartMessageMoveTask', resource: queue },
        ...sendingTo(destinationsOf(queue, input.DestinationArn)),
      ];
    },
    RemovePermission: onQueue,
    SendMessage: onQueue,
    SendMessageBatch: batch('SendMessage'),
    SetQueueAttributes: onQueue,
    // The messages are moved with the caller's permission.
    StartMessageMoveTask: ({ SourceArn, DestinationArn }: MoveInput) => [
      SourceArn,
      { action: 'sqs:ReceiveMessage', resource: SourceArn },
      { action: 'sqs:DeleteMessage', resource: SourceArn },
      ...sendingTo(destinationsOf(SourceArn, DestinationArn)),
    ],
    TagQueue: (input: QueueInput & { readonly Tags: Tags }, caller: Caller) => ({
      resource: queueOf(input, caller),
      keys: requestTags(input.Tags),
    }),
    UntagQueue: (input: QueueInput & { readonly TagKeys: readonly string[] }, caller: Caller) => ({
      resource: queueOf(input, caller),
      keys: tagKeys(input.TagKeys),
    }),
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return { prefix: 'sqs', rules, tagsOf: (arn) => queues.byArn(arn)?.tags, servesAnonymous: true };
}

function sendingTo(queueArns: readonly string[]) {
  return queueArns.map((resource) => ({ action: 'sqs:SendMessage', resource }));
}
