import { callRest, type RunningServer } from '../api.ts';
import { cliLimits } from '../limits.ts';
import { CommandError } from '../terminal.ts';
import { attributesOf, nameIn, sqs, urlOf, urlsOf } from '../queue.ts';

/** A queue that gets what others give up. */
export interface DeadLetterQueue {
  readonly QueueName: string;
  readonly QueueArn: string;
  readonly Messages: number;
  /** Queues and functions. */
  readonly Sources: readonly string[];
}

interface Mapping {
  readonly FunctionArn: string;
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}

/** All queues that are named as dead-letter queue of a queue, or as failure destination of a mapping. */
export async function deadLetterQueues(server: RunningServer): Promise<DeadLetterQueue[]> {
  const queues = new Map<string, { name: string; messages: number }>();
  const sources = new Map<string, string[]>();
  const add = (target: string, source: string): void =>
    void sources.set(target, [...(sources.get(target) ?? []), source]);
  for await (const url of urlsOf(server)) {
    const {
      QueueArn = '',
      RedrivePolicy,
      ApproximateNumberOfMessages: messages = '0',
    } = await attributesOf(server, url);
    queues.set(QueueArn, { name: nameIn(url), messages: Number(messages) });
    if (RedrivePolicy === undefined) continue;
    // The server has checked it.
    const { deadLetterTargetArn } = JSON.parse(RedrivePolicy) as { readonly deadLetterTargetArn: string };
    add(deadLetterTargetArn, `queue ${nameIn(url)}`);
  }
  for (const { FunctionArn, DestinationConfig } of await mappingsOf(server)) {
    const target = DestinationConfig?.OnFailure?.Destination;
    if (target !== undefined) add(target, `function ${FunctionArn.split(':').at(-1)}`);
  }
  return [...sources].flatMap(([QueueArn, Sources]) => {
    const queue = queues.get(QueueArn);
    return queue === undefined
      ? []
      : [{ QueueName: queue.name, QueueArn, Messages: queue.messages, Sources }];
  });
}

async function mappingsOf(server: RunningServer): Promise<Mapping[]> {
  const mappings: Mapping[] = [];
  let marker = '';
  do {
    const path = `/2015-03-31/event-source-mappings${marker === '' ? '' : `?Marker=${encodeURIComponent(marker)}`}`;
    const page = await callRest<{ EventSourceMappings: readonly Mapping[]; NextMarker?: string | null }>(
      server,
      {
        service: 'lambda',
        method: 'GET',
        path,
      },
    );
    mappings.push(...page.EventSourceMappings);
    marker = page.NextMarker ?? '';
  } while (marker !== '');
  return mappings;
}

export interface DeadLetter {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
}

/** What becomes of a message that was taken. */
export type Verdict =
  | 'delete'
  /** It can be received again at once. */
  | 'keep'
  /** It has left the queue. */
  | 'moved';

/**
 * Takes messages of a queue for a while, each once, and gives them to `work` one by one, until it has had enough. Returns
 * how many there were.
 */
export async function takeMessages(
  server: RunningServer,
  {
    queue,
    limit,
    isEnough = () => false,
  }: { readonly queue: string; readonly limit: number; readonly isEnough?: () => boolean },
  work: (message: DeadLetter, QueueUrl: string) => Promise<Verdict>,
): Promise<number> {
  const QueueUrl = await urlOf(server, queue);
  const kept = new Set<DeadLetter>();
  let count = 0;
  try {
    while (count < limit && !isEnough()) {
      const { Messages = [] } = await sqs<{ Messages?: readonly DeadLetter[] }>(server, 'ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: Math.min(10, limit - count),
        VisibilityTimeout: cliLimits.deadLetterTakenSeconds,
        MessageSystemAttributeNames: ['All'],
      });
      if (Messages.length === 0) return count;
      for (const message of Messages) kept.add(message);
      for (const message of Messages) {
        count++;
        const verdict = await work(message, QueueUrl);
        if (verdict === 'keep') continue;
        const { ReceiptHandle } = message;
        if (verdict === 'delete') await sqs(server, 'DeleteMessage', { QueueUrl, ReceiptHandle });
        kept.delete(message);
      }
    }
    return count;
  } finally {
    for (const { ReceiptHandle } of kept) {
      await sqs(server, 'ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
    }
  }
}

/** Moves a message that was taken back to the queue that it came from. Rejects with CommandError. */
export async function moveBack(
  server: RunningServer,
  QueueUrl: string,
  { MessageId, ReceiptHandle }: DeadLetter,
): Promise<void> {
  const { Failed: [failed] = [] } = await sqs<{ Failed?: readonly { readonly Message?: string }[] }>(
    server,
    'RedriveMessageBatch',
    { QueueUrl, Entries: [{ Id: 'message', ReceiptHandle }] },
  );
  if (failed !== undefined) throw new CommandError(`${MessageId}: ${failed.Message ?? 'it was not moved'}`);
}
