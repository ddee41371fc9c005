import { CloudWatchClient, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';

/** Tells a URL when more than ten records come in a minute: `npx node examples/alarm.ts my-stream http://127.0.0.1:9000/`. */
const [stream = 'log-sample-stream', url] = process.argv.slice(2);

const sns = new SNSClient({});
const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `${stream}-is-busy` }));
if (TopicArn === undefined) throw new Error('the topic has no ARN');
if (url !== undefined) {
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint: url }));
}

await new CloudWatchClient({}).send(
  new PutMetricAlarmCommand({
    AlarmName: `${stream}-is-busy`,
    Namespace: 'AWS/Kinesis',
    MetricName: 'IncomingRecords',
    Dimensions: [{ Name: 'StreamName', Value: stream }],
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    AlarmActions: [TopicArn],
  }),
);
console.log(`alarm ${stream}-is-busy tells ${TopicArn}`);
