import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsForMetricCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { clientOptions } from '../support/client.ts';
import { until } from '../support/until.ts';
import { closeMachines, type Machine } from './machines.ts';
import { counted, pair } from './standby.ts';

describe('a standby that answers reads', () => {
  let owner: Machine;
  let standby: Machine;

  before(async () => {
    ({ owner, standby } = await pair());
  });

  after(closeMachines);

  it('answers of CloudWatch what the owner has stored, also when an alarm watches another metric', async () => {
    const there = new CloudWatchClient(clientOptions(owner.server.endpoint));
    const here = new CloudWatchClient(clientOptions(standby.server.endpoint));
    const put = (MetricName: string, Value: number) =>
      there.send(new PutMetricDataCommand({ Namespace: 'n', MetricData: [{ MetricName, Value }] }));
    const putAlarm = (MetricName: string) =>
      there.send(
        new PutMetricAlarmCommand({
          AlarmName: 'a',
          Namespace: 'n',
          MetricName,
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 100,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      );
    const window = { StartTime: new Date(Date.now() - 3_600_000), EndTime: new Date(Date.now() + 3_600_000) };
    const sum = async (MetricName: string): Promise<number> => {
      const { Datapoints = [] } = await here.send(
        new GetMetricStatisticsCommand({
          Namespace: 'n',
          MetricName,
          Statistics: ['Sum'],
          Period: 60,
          ...window,
        }),
      );
      return Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
    };
    const alarmsOf = async (MetricName: string): Promise<number> => {
      const { MetricAlarms } = await here.send(
        new DescribeAlarmsForMetricCommand({ Namespace: 'n', MetricName }),
      );
      return MetricAlarms?.length ?? 0;
    };
    await put('x', 1);
    await putAlarm('x');
    await until(async () => (await alarmsOf('x')) === 1);
    await put('x', 2);
    await put('y', 5);
    await putAlarm('y');
    await until(async () => (await alarmsOf('y')) === 1);
    const counts = await counted(standby, async () => {
      assert.deepEqual([await sum('x'), await sum('y'), await alarmsOf('x')], [3, 5, 0]);
      const { Metrics = [] } = await here.send(new ListMetricsCommand({ Namespace: 'n' }));
      assert.deepEqual(
        Metrics.map(({ MetricName }) => MetricName),
        ['x', 'y'],
      );
    });
    assert.deepEqual(counts, { answered: 4, stale: 0, refused: 0, forwarded: 0 });
    // Its next page counts from what this machine may not have.
    const pages = await counted(standby, async () => {
      const { NextToken } = await here.send(new DescribeAlarmHistoryCommand({ MaxRecords: 1 }));
      const next = await here.send(new DescribeAlarmHistoryCommand({ MaxRecords: 1, NextToken }));
      assert.equal(next.AlarmHistoryItems?.[0]?.HistorySummary, 'Alarm "a" created');
    });
    assert.deepEqual(pages, { answered: 1, stale: 0, refused: 1, forwarded: 1 });
    there.destroy();
    here.destroy();
  });

  it('answers of CloudWatch Logs what the owner has stored, and goes on from no place that it does not have', async () => {
    const there = new CloudWatchLogsClient(clientOptions(owner.server.endpoint));
    const here = new CloudWatchLogsClient(clientOptions(standby.server.endpoint));
    const place = { logGroupName: 'g', logStreamName: 's' };
    const startMs = Date.now();
    const put = (ms: number, message: string) =>
      there.send(new PutLogEventsCommand({ ...place, logEvents: [{ timestamp: startMs + ms, message }] }));
    const get = async (client: CloudWatchLogsClient, nextToken?: string) => {
      const options = { ...place, limit: 1, nextToken };
      const { events = [], ...tokens } = await client.send(new GetLogEventsCommand(options));
      return { messages: events.map(({ message }) => message), ...tokens };
    };
    await there.send(new CreateLogGroupCommand({ logGroupName: 'g' }));
    await there.send(new CreateLogStreamCommand(place));
    await put(0, 'a');
    await until(async () => (await get(here)).messages[0] === 'a');
    const counts = await counted(standby, async () => {
      assert.deepEqual((await get(here)).messages, ['a']);
      const { logStreams } = await here.send(new DescribeLogStreamsCommand({ logGroupName: 'g' }));
      assert.deepEqual(
        logStreams?.map(({ logStreamName, lastEventTimestamp }) => [logStreamName, lastEventTimestamp]),
        [['s', startMs]],
      );
      const { events } = await here.send(new FilterLogEventsCommand({ logGroupName: 'g' }));
      assert.equal(events?.length, 1);
    });
    assert.deepEqual(counts, { answered: 3, stale: 0, refused: 0, forwarded: 0 });
    standby.cutOff();
    await put(1, 'b');
    await put(2, 'c');
    const { nextBackwardToken } = await get(there);
    const left = await counted(standby, async () => {
      assert.deepEqual((await get(here)).messages, ['a'], 'a prefix, within the bound');
      assert.deepEqual((await get(here, nextBackwardToken)).messages, ['b'], 'and nothing is skipped');
    });
    assert.deepEqual(left, { answered: 1, stale: 0, refused: 1, forwarded: 1 });
    standby.reconnect();
    there.destroy();
    here.destroy();
  });
});
