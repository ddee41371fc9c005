import type { MetricRegistry, MetricSamples } from '../../metrics.ts';

/** Every metric of a queue, with its unit. */
export const queueMetricUnits = {
  NumberOfMessagesSent: 'Count',
  SentMessageSize: 'Bytes',
  NumberOfMessagesReceived: 'Count',
  NumberOfEmptyReceives: 'Count',
  NumberOfMessagesDeleted: 'Count',
  NumberOfDeduplicatedSentMessages: 'Count',
  ApproximateNumberOfMessagesVisible: 'Count',
  ApproximateNumberOfMessagesNotVisible: 'Count',
  ApproximateNumberOfMessagesDelayed: 'Count',
  ApproximateAgeOfOldestMessage: 'Seconds',
} as const;

type MetricName = keyof typeof queueMetricUnits;

/** SQS's metrics of a queue, by QueueName (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html). */
export class QueueMetrics {
  readonly #registry: MetricRegistry;
  readonly #name: string;
  readonly #samples = new Map<MetricName, MetricSamples>();

  constructor(registry: MetricRegistry, name: string) {
    this.#registry = registry;
    this.#name = name;
  }

  add(metric: MetricName, value: number): void {
    let samples = this.#samples.get(metric);
    if (samples === undefined) {
      const unit = queueMetricUnits[metric];
      samples = this.#registry.metric('AWS/SQS', metric, unit, { QueueName: this.#name });
      this.#samples.set(metric, samples);
    }
    samples.add(value);
  }

  /** Whether anything was counted since the start. */
  get isUsed(): boolean {
    return this.#samples.size > 0;
  }

  /** The numbers of messages now. */
  report(state: {
    readonly visible: number;
    readonly inFlight: number;
    readonly delayed: number;
    readonly ageMs: number;
  }): void {
    this.add('ApproximateNumberOfMessagesVisible', state.visible);
    this.add('ApproximateNumberOfMessagesNotVisible', state.inFlight);
    this.add('ApproximateNumberOfMessagesDelayed', state.delayed);
    this.add('ApproximateAgeOfOldestMessage', Math.floor(state.ageMs / 1000));
  }

  release(): void {
    for (const samples of this.#samples.values()) this.#registry.release(samples);
    this.#samples.clear();
  }
}
