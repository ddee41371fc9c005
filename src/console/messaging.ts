import type { HttpRequest } from '../http/message.ts';
import type { Caller } from './caller.ts';
import { consoleLimits } from './limits.ts';
import { answerTo } from './operations.ts';
import type { Views } from './views.ts';

export interface QueueRow {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  /** Messages that can be received now. */
  readonly visible: number;
  /** Received, and not deleted yet. */
  readonly inFlight: number;
  readonly delayed: number;
  readonly isFifo: boolean;
  /** Where messages go that were received too often. */
  readonly deadLetterQueue: string | undefined;
  /** It has the dead letters of queues. */
  readonly isDeadLetterQueue: boolean;
  /** It has reports on records that functions gave up. */
  readonly isFailureDestination: boolean;
}

export interface TopicRow {
  readonly name: string;
  readonly arn: string;
  readonly subscriptions: readonly {
    readonly protocol: string;
    readonly endpoint: string;
    readonly isConfirmed: boolean;
    /** The last ones since the server started, the newest first. */
    readonly attempts: readonly AttemptView[];
  }[];
}

/** One attempt to deliver a message. */
export interface AttemptView {
  readonly timeMs: number;
  readonly durationMs: number;
  readonly outcome: 'Delivered' | 'Retrying' | 'GivenUp';
  /** Of an HTTP endpoint that has answered. */
  readonly status: number | undefined;
  readonly reason: string | undefined;
}

export interface MessagingView {
  readonly queues: readonly QueueRow[];
  readonly topics: readonly TopicRow[];
  /** The caller may list neither. */
  readonly isDenied: boolean;
}

interface AttemptedSubscription {
  readonly Protocol?: string;
  readonly Endpoint?: string;
  readonly Attempts?: readonly {
    readonly Time: number;
    readonly DurationMilliseconds: number;
    readonly Outcome: AttemptView['outcome'];
    readonly Status?: number;
    readonly Reason?: string;
  }[];
}

interface Mapping {
  readonly DestinationConfig?: { readonly OnFailure?: { readonly Destination?: string } };
}

type Attributes = Readonly<Record<string, string>>;

interface Subscription {
  readonly TopicArn?: string;
  readonly Protocol?: string;
  readonly Endpoint?: string;
  readonly SubscriptionArn?: string;
}

/** The queues and topics that the caller may list. */
export async function messagingView(
  { calls }: Views,
  caller: Caller,
  http: HttpRequest,
): Promise<MessagingView> {
  const ask = <Output>(service: string, name: string, input: object) =>
    answerTo<Output>(calls, caller, http, service, name, input);
  const listed = await ask<{ QueueUrls?: readonly string[] }>('sqs', 'ListQueues', {
    MaxResults: consoleLimits.queuesMax,
  });
  const queues: QueueRow[] = [];
  for (const url of listed?.QueueUrls ?? []) {
    const input = { QueueUrl: url, AttributeNames: ['All'] };
    const found = await ask<{ Attributes?: Attributes }>('sqs', 'GetQueueAttributes', input);
    if (found?.Attributes !== undefined) queues.push(queueRow(url, found.Attributes));
  }
  const topics = await ask<{ Topics?: readonly { TopicArn?: string }[] }>('sns', 'ListTopics', {});
  const subscribed = await ask<{ Subscriptions?: readonly Subscription[] }>('sns', 'ListSubscriptions', {});
  const mapped = await ask<{ EventSourceMappings?: readonly Mapping[] }>(
    'lambda',
    'ListEventSourceMappings',
    {
      MaxItems: consoleLimits.problemsMax,
    },
  );
  const failed = mapped?.EventSourceMappings?.map(({ DestinationConfig }) => DestinationConfig?.OnFailure);
  const destinations = new Set(failed?.map((destination) => destination?.Destination));
  const rows: TopicRow[] = [];
  for (const { TopicArn = '' } of topics?.Topics ?? []) {
    const own = (subscribed?.Subscriptions ?? []).filter(
      (subscription) => subscription.TopicArn === TopicArn,
    );
    const attempted =
      own.length === 0
        ? undefined
        : await ask<{ Subscriptions?: readonly AttemptedSubscription[] }>('sns', 'GetDeliveryAttempts', {
            TopicArn,
          });
    rows.push(topicRow(TopicArn, own, attempted?.Subscriptions ?? []));
  }
  return {
    queues: withDeadLetters(queues, destinations),
    topics: rows,
    isDenied: listed === undefined && topics === undefined,
  };
}

function queueRow(url: string, attributes: Attributes): QueueRow {
  const count = (name: string): number => Number(attributes[name] ?? 0);
  const arn = attributes['QueueArn'] ?? '';
  return {
    name: lastOf(arn),
    url,
    arn,
    visible: count('ApproximateNumberOfMessages'),
    inFlight: count('ApproximateNumberOfMessagesNotVisible'),
    delayed: count('ApproximateNumberOfMessagesDelayed'),
    isFifo: attributes['FifoQueue'] === 'true',
    deadLetterQueue: deadLetterQueueOf(attributes['RedrivePolicy']),
    isDeadLetterQueue: false,
    isFailureDestination: false,
  };
}

function deadLetterQueueOf(policy: string | undefined): string | undefined {
  if (policy === undefined || policy === '') return undefined;
  // The server has checked it when it was set.
  const { deadLetterTargetArn } = JSON.parse(policy) as { deadLetterTargetArn?: string };
  return deadLetterTargetArn && lastOf(deadLetterTargetArn);
}

/** Dead letters first, then the longest queues. */
function withDeadLetters(
  queues: readonly QueueRow[],
  destinations: ReadonlySet<string | undefined>,
): QueueRow[] {
  const targets = new Set(queues.map(({ deadLetterQueue }) => deadLetterQueue));
  return queues
    .map((queue) => ({
      ...queue,
      isDeadLetterQueue: targets.has(queue.name),
      isFailureDestination: destinations.has(queue.arn),
    }))
    .toSorted((left, right) => weight(right) - weight(left) || left.name.localeCompare(right.name));
}

function weight({ isDeadLetterQueue, isFailureDestination, visible }: QueueRow): number {
  return (isDeadLetterQueue || isFailureDestination) && visible > 0 ? Infinity : visible;
}

function topicRow(
  arn: string,
  subscribed: readonly Subscription[],
  attempted: readonly AttemptedSubscription[],
): TopicRow {
  const subscriptions = subscribed.map(({ Protocol = '', Endpoint = '', SubscriptionArn = '' }) => ({
    protocol: Protocol,
    endpoint: Endpoint,
    isConfirmed: SubscriptionArn.startsWith('arn:'),
    // One that is not confirmed shows no ARN; a topic has an endpoint once.
    attempts: (
      attempted.find((one) => one.Protocol === Protocol && one.Endpoint === Endpoint)?.Attempts ?? []
    ).map(({ Time, DurationMilliseconds, Outcome, Status, Reason }) => ({
      timeMs: Time * 1000,
      durationMs: DurationMilliseconds,
      outcome: Outcome,
      status: Status,
      reason: Reason,
    })),
  }));
  return { name: lastOf(arn), arn, subscriptions };
}

function lastOf(arn: string): string {
  return arn.slice(arn.lastIndexOf(':') + 1);
}
