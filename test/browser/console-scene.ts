import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  type KinesisClientConfig,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { zipSync } from 'fflate';
import { clientOptions } from '../support/server.ts';

const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

/** A server with something to see on each page of the console. */
export class Scene {
  readonly #endpoint: string;
  readonly #kinesis: KinesisClient;

  constructor(endpoint: string, options: KinesisClientConfig = clientOptions(endpoint)) {
    this.#endpoint = endpoint;
    this.#kinesis = new KinesisClient(options);
  }

  async open(): Promise<void> {
    await this.newStream('orders', 2);
    await this.putMany('orders', 0, 120);
    await this.#kinesis.send(
      new SplitShardCommand({
        StreamName: 'orders',
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: String(2n ** 126n),
      }),
    );
    await this.putMany('orders', 120, 120);
    await this.poll('orders');
    await this.newAlarm('orders-lag');
    await this.newFunction();
    await this.newQueues();
  }

  close(): void {
    this.#kinesis.destroy();
  }

  async newStream(StreamName: string, ShardCount = 1): Promise<void> {
    await this.#kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
  }

  async put(StreamName: string, data: string, PartitionKey = 'key'): Promise<string> {
    const Data = Buffer.from(data);
    const { SequenceNumber } = await this.#kinesis.send(
      new PutRecordCommand({ StreamName, PartitionKey, Data }),
    );
    return SequenceNumber ?? '';
  }

  async putMany(StreamName: string, from: number, count: number, note = ''): Promise<void> {
    const Records = Array.from({ length: count }, (_, at) => ({
      PartitionKey: `customer-${(from + at) % 40}`,
      Data: Buffer.from(
        JSON.stringify({ order: from + at, amount: 12.5, customer: { name: 'Ada' }, ...(note && { note }) }),
      ),
    }));
    await this.#kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  }

  async poll(StreamName: string): Promise<void> {
    const { ShardIterator } = await this.#kinesis.send(
      new GetShardIteratorCommand({
        StreamName,
        ShardId: 'shardId-000000000001',
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    await this.#kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 5 }));
  }

  async newAlarm(AlarmName: string): Promise<void> {
    const client = new CloudWatchClient(clientOptions(this.#endpoint));
    const metric = { Namespace: 'shop', MetricName: 'lag' };
    for (let minute = 1; minute <= 20; minute++) {
      const Timestamp = new Date(Date.now() - minute * 60_000);
      const MetricData = [{ MetricName: 'lag', Value: 100 - minute * 3, Timestamp }];
      await client.send(new PutMetricDataCommand({ Namespace: 'shop', MetricData }));
    }
    await client.send(
      new PutMetricAlarmCommand({
        ...metric,
        AlarmName,
        Statistic: 'Maximum',
        Period: 60,
        EvaluationPeriods: 3,
        Threshold: 60,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      }),
    );
    client.destroy();
  }

  /** It fails on the order with a negative amount, and blocks its shard. */
  async newFunction(): Promise<void> {
    const code = `export const handler = async ({ Records = [] }) => {
      for (const { kinesis } of Records) {
        if (JSON.parse(Buffer.from(kinesis.data, 'base64')).amount < 0) throw new Error('negative amount');
      }
      return 'billed';
    }`;
    const client = new LambdaClient(clientOptions(this.#endpoint));
    await client.send(
      new CreateFunctionCommand({
        FunctionName: 'bill-orders',
        Runtime: 'nodejs22.x',
        Role: 'arn:aws:iam::000000000000:role/r',
        Handler: 'index.handler',
        Code: { ZipFile: zipSync({ 'index.mjs': Buffer.from(code) }) },
      }),
    );
    await this.newStream('billed');
    await client.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'bill-orders',
        EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/billed',
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1,
      }),
    );
    await this.put('billed', '{"order":1,"amount":5}');
    await this.put('billed', '{"order":2,"amount":-5}');
    await this.put('billed', '{"order":3,"amount":7}');
    client.destroy();
  }

  /** A queue with a dead letter, and a topic with a subscription. */
  async newQueues(): Promise<void> {
    const sqs = new SQSClient(clientOptions(this.#endpoint));
    const sns = new SNSClient(clientOptions(this.#endpoint));
    await sqs.send(new CreateQueueCommand({ QueueName: 'jobs-dead' }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('jobs-dead'), maxReceiveCount: 3 });
    const { QueueUrl: jobs } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'jobs', Attributes: { RedrivePolicy, VisibilityTimeout: '0' } }),
    );
    await sqs.send(new SendMessageCommand({ QueueUrl: jobs, MessageBody: 'fails' }));
    for (let turn = 0; turn < 4; turn++) await sqs.send(new ReceiveMessageCommand({ QueueUrl: jobs }));
    await sqs.send(new CreateQueueCommand({ QueueName: 'inbox' }));
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'news' }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('inbox') }));
    sqs.destroy();
    sns.destroy();
  }
}
