import type { MetricRegistry, MetricSamples } from '../../metrics.ts';
import { topicName } from './topic.ts';

/** Every metric of a topic, with its unit. */
export const topicMetricUnits = {
  NumberOfMessagesPublished: 'Count',
  PublishSize: 'Bytes',
  NumberOfNotificationsFilteredOut: 'Count',
  NumberOfNotificationsDelivered: 'Count',
  NumberOfNotificationsFailed: 'Count',
  NumberOfNotificationsRedrivenToDlq: 'Count',
  NumberOfNotificationsFailedToRedriveToDlq: 'Count',
} as const;

type MetricName = keyof typeof topicMetricUnits;

/** SNS's metrics of topics, each by TopicName (https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html). */
export class TopicMetrics {
  readonly #registry: MetricRegistry;
  readonly #samples = new Map<string, MetricSamples>();

  constructor(registry: MetricRegistry) {
    this.#registry = registry;
  }

  add(topicArn: string, metric: MetricName, value: number): void {
    const key = `${metric} ${topicArn}`;
    let samples = this.#samples.get(key);
    if (samples === undefined) {
      const dimensions = { TopicName: topicName(topicArn) };
      samples = this.#registry.metric('AWS/SNS', metric, topicMetricUnits[metric], dimensions);
      this.#samples.set(key, samples);
    }
    samples.add(value);
  }
}
