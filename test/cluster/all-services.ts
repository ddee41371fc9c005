import assert from 'node:assert/strict';
import { CloudWatchClient, ListMetricsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { ListFunctionsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { clientOptions, type ServerProcess } from '../support/server.ts';

/** A machine that does not own the shared log answers requests of all services, long polls and subscriptions, as the owner does. */
export async function checkAllServices(standby: ServerProcess, owner: ServerProcess): Promise<void> {
  const options = clientOptions(standby.endpoint);
  const kinesis = new KinesisClient(options);
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const { StreamDescriptionSummary } = await new KinesisClient(clientOptions(owner.endpoint)).send(
    new DescribeStreamSummaryCommand({ StreamName: 's' }),
  );
  assert.equal(StreamDescriptionSummary?.StreamStatus, 'ACTIVE');
  const { Consumer } = await kinesis.send(
    new RegisterStreamConsumerCommand({
      StreamARN: StreamDescriptionSummary.StreamARN,
      ConsumerName: 'c',
    }),
  );
  const subscription = await kinesis.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'TRIM_HORIZON' },
    }),
  );
  await kinesis.send(
    new PutRecordCommand({ StreamName: 's', PartitionKey: 'a', Data: Buffer.from('pushed') }),
  );
  for await (const event of subscription.EventStream ?? []) {
    const [record] = event.SubscribeToShardEvent?.Records ?? [];
    if (record === undefined) continue;
    assert.equal(Buffer.from(record.Data ?? []).toString(), 'pushed');
    break;
  }

  const sqs = new SQSClient(options);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q' }));
  const received = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
  assert.equal((await received).Messages?.[0]?.Body, 'hello');

  const sns = new SNSClient(options);
  await sns.send(new CreateTopicCommand({ Name: 't' }));
  assert.equal((await sns.send(new ListTopicsCommand({}))).Topics?.length, 1);
  const cloudWatch = new CloudWatchClient(options);
  await cloudWatch.send(
    new PutMetricDataCommand({ Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 1 }] }),
  );
  assert.equal((await cloudWatch.send(new ListMetricsCommand({ Namespace: 'n' }))).Metrics?.length, 1);
  const { Functions = [] } = await new LambdaClient(options).send(new ListFunctionsCommand({}));
  assert.deepEqual(
    Functions.map(({ FunctionName }) => FunctionName),
    ['busy'],
  );
  for (const client of [kinesis, sqs, sns, cloudWatch]) client.destroy();
}
