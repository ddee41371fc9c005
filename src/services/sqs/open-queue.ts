import type { Engine } from '../../engine/engine.ts';
import type { MetricRegistry } from '../../metrics.ts';
import type { LeasedQueueOptions, OutgoingMessage } from '../../queue/leased/contract.ts';
import { Deduplication } from '../../queue/leased/deduplication.ts';
import type { Lease } from '../../queue/leased/lease.ts';
import { LeasedQueue } from '../../queue/leased/leased-queue.ts';
import type { MessageView } from '../../queue/leased/message-format.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { purgeInProgress } from './errors.ts';
import { sqsLimits } from './limits.ts';
import { type CountedAction, FifoRates } from './fifo-rates.ts';
import { extraOf, type MessageExtra } from './message-input.ts';
import { attributesOf, isFifo, numberOf, type Queue } from './queue.ts';
import { QueueMetrics } from './queue-metrics.ts';
import { parseRedrivePolicy, type RedrivePolicy } from './redrive.ts';

export interface OpenQueueOptions extends Pick<LeasedQueueOptions, 'deleted' | 'readAhead'> {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  readonly log: Log;
  readonly queue: Queue;
  readonly arn: string;
  /** As it is stored now; undefined when it was deleted. */
  readonly current: () => Queue | undefined;
  readonly deadLetterQueue: (arn: string) => OpenQueue | undefined;
  /** Whether FIFO queues have AWS's rates. */
  readonly hasAwsLimits: boolean;
}

/** A queue with its messages, as SQS's operations use it. */
export class OpenQueue {
  readonly id: string;
  readonly arn: string;
  readonly metrics: QueueMetrics;
  /** Of a FIFO queue. */
  readonly deduplication: Deduplication | undefined;
  readonly #options: OpenQueueOptions;
  readonly #messages: LeasedQueue;
  readonly #rates: FifoRates | undefined;
  #purgedMs = -Infinity;
  /** The policy that was parsed last. */
  #redrive: { readonly text: string; readonly policy: RedrivePolicy } | undefined;

  constructor(options: OpenQueueOptions) {
    const { queue, arn } = options;
    this.#options = options;
    this.id = queue.id;
    this.arn = arn;
    this.metrics = new QueueMetrics(options.metrics, queue.name);
    this.#messages = new LeasedQueue({
      ...options,
      id: queue.id,
      handleKey: Buffer.from(queue.handleKey, 'base64'),
      isOrdered: isFifo(queue),
      rules: () => this.#rules(),
      onDead: (leases) => this.#moveDead(leases),
    });
    this.#rates = options.hasAwsLimits && isFifo(queue) ? new FifoRates() : undefined;
    this.deduplication = isFifo(queue) ? new Deduplication({ ...options, queue: this.#messages }) : undefined;
  }

  /** As it is stored; the last state for a queue that is being deleted. */
  get queue(): Queue {
    return this.#options.current() ?? this.#options.queue;
  }

  get messages(): LeasedQueue {
    return this.#messages;
  }

  /** Counts a call of a client against AWS's rates, if the queue has them. Throws RequestThrottled. */
  admit(action: CountedAction): void {
    this.#rates?.admit(this.queue, action, this.#options.clock.now());
  }

  /** Where messages go that were received too often, and how often that is. */
  get redrivePolicy(): RedrivePolicy | undefined {
    const text = this.queue.attributes['RedrivePolicy'];
    if (text === undefined) return undefined;
    if (this.#redrive?.text !== text) this.#redrive = { text, policy: parseRedrivePolicy(text) };
    return this.#redrive.policy;
  }

  /** Throws PurgeQueueInProgress. */
  async purge(): Promise<void> {
    const nowMs = this.#options.clock.now();
    if (nowMs - this.#purgedMs < sqsLimits.purgeIntervalMs) throw purgeInProgress(this.queue.name);
    this.#purgedMs = nowMs;
    await this.#messages.purge();
  }

  /** Removes old messages, and reports the numbers of messages. */
  async sweep(): Promise<void> {
    await this.#messages.sweep();
    await this.deduplication?.sweep();
    if (!this.metrics.isUsed && this.#messages.isEmpty) return;
    const oldestMs = await this.#messages.oldestMs();
    const ageMs = oldestMs === undefined ? 0 : this.#options.clock.now() - oldestMs;
    this.metrics.report({ ...(await this.#messages.counts()), ageMs });
  }

  async remove(): Promise<void> {
    this.metrics.release();
    await this.#messages.remove();
    await this.deduplication?.remove();
  }

  quiesce(): void {
    this.#messages.endReceives();
  }

  async close(): Promise<void> {
    await this.#messages.close();
  }

  #rules() {
    const queue = this.queue;
    const policy = this.redrivePolicy;
    const hasTarget = policy !== undefined && this.#target(policy) !== undefined;
    return {
      retentionMs: numberOf(queue, 'MessageRetentionPeriod') * 1000,
      delayMs: isFifo(queue) ? Number(attributesOf(queue)['DelaySeconds']) * 1000 : 0,
      // Without a dead-letter queue messages are received on.
      receivesMax: hasTarget ? policy.maxReceiveCount : undefined,
    };
  }

  #target({ deadLetterTargetArn }: RedrivePolicy): OpenQueue | undefined {
    const target = this.#options.deadLetterQueue(deadLetterTargetArn);
    return target === this ? undefined : target;
  }

  async #moveDead(leases: readonly Lease[]): Promise<void> {
    const policy = this.redrivePolicy;
    const target = policy && this.#target(policy);
    if (target === undefined) return;
    await this.#messages.moveTo(leases, target.messages, (message, sentMs) =>
      asDeadLetter(message, { sentMs, source: this.arn, isFifo: isFifo(this.queue) }),
    );
  }
}

/**
 * A message as a dead-letter queue gets it: as it was, with its source. In a standard queue its age goes on from the time
 * at which it was sent, in a FIFO queue it begins again, as on AWS.
 */
function asDeadLetter(
  message: MessageView,
  from: { readonly sentMs: number; readonly source: string; readonly isFifo: boolean },
): OutgoingMessage {
  const { groupId, deduplicationId } = message;
  const extra = { ...extraIn(message), source: from.source };
  return {
    id: message.id,
    digest: message.digest,
    body: message.body,
    sentMs: from.isFifo ? undefined : from.sentMs,
    groupId,
    deduplicationId,
    extra: extraOf(extra),
  };
}

export function extraIn({ extra }: MessageView): MessageExtra {
  // What extraOf has written.
  return extra === undefined ? {} : (JSON.parse(extra) as MessageExtra);
}
