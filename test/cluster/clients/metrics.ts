import assert from 'node:assert/strict';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { clientOptions } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import { type ClusterClient, repeat } from './client.ts';
import type { Inbox } from './inbox.ts';
import { topicWithInbox } from './topic.ts';

const METRIC = { Namespace: 'Steps', MetricName: 'Done' };
const HOUR_MS = 3_600_000;

/** Counts in a metric, and makes an alarm on it right before each kill. */
export class MetricsClient implements ClusterClient {
  readonly name = 'a metric with alarms';
  readonly answeredMs: number[] = [];
  readonly #cloudWatch: CloudWatchClient;
  readonly #topicArn: string;
  readonly #inbox: Inbox;
  readonly #beganMs = Date.now();
  #put = 0;
  readonly #alarms: string[] = [];

  private constructor(cloudWatch: CloudWatchClient, topicArn: string, inbox: Inbox) {
    this.#cloudWatch = cloudWatch;
    this.#topicArn = topicArn;
    this.#inbox = inbox;
  }

  static async start(endpoint: string): Promise<MetricsClient> {
    const { topicArn, inbox } = await topicWithInbox(endpoint, 'alarms');
    return new MetricsClient(new CloudWatchClient(clientOptions(endpoint)), topicArn, inbox);
  }

  async work(stop: AbortSignal): Promise<void> {
    await repeat(stop, () => this.#count(), this.answeredMs);
  }

  async #count(): Promise<void> {
    const { Namespace, MetricName } = METRIC;
    await this.#cloudWatch.send(
      new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Value: 1 }] }),
    );
    this.#put++;
  }

  async beforeKill(): Promise<void> {
    const AlarmName = `alarm ${this.#alarms.length}`;
    await this.#cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        ...METRIC,
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
        AlarmActions: [this.#topicArn],
      }),
    );
    this.#alarms.push(AlarmName);
  }

  /** Each sample counts once, and each alarm has gone off once; its topic is told at least once. */
  async check(takeovers: number): Promise<string> {
    const { Datapoints = [] } = await this.#cloudWatch.send(
      new GetMetricStatisticsCommand({
        ...METRIC,
        StartTime: new Date(this.#beganMs - HOUR_MS),
        EndTime: new Date(Date.now() + HOUR_MS),
        Period: 3600,
        Statistics: ['Sum'],
      }),
    );
    assert.equal(
      Datapoints.reduce((all, { Sum = 0 }) => all + Sum, 0),
      this.#put,
    );
    for (const AlarmName of this.#alarms) await this.#checkAlarm(AlarmName);
    const told = (): Map<string, string[]> =>
      Map.groupBy(this.#inbox.bodies, (body) => (JSON.parse(body) as { AlarmName: string }).AlarmName);
    await until(async () => {
      await this.#inbox.take();
      return this.#alarms.every((name) => told().has(name));
    });
    for (const [name, messages] of told())
      assert(messages.length <= 1 + takeovers, `${name}: ${messages.length}`);
    this.#cloudWatch.destroy();
    return `${this.#put} samples, ${this.#alarms.length} alarms, ${this.#inbox.bodies.length} notifications`;
  }

  async #checkAlarm(AlarmName: string): Promise<void> {
    await until(
      async () => {
        const { MetricAlarms } = await this.#cloudWatch.send(
          new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }),
        );
        return MetricAlarms?.[0]?.StateValue === 'ALARM';
      },
      { what: `${AlarmName} goes off`, pauseMs: 500 },
    );
    const { AlarmHistoryItems = [] } = await this.#cloudWatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: 'StateUpdate' }),
    );
    assert.deepEqual(
      AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary),
      ['Alarm updated from INSUFFICIENT_DATA to ALARM'],
    );
  }
}
