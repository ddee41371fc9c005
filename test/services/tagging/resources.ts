import { CloudWatchClient, PutDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { CreateDatabaseCommand, GlueClient } from '@aws-sdk/client-glue';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from '../../support/client.ts';
import { zip } from '../lambda/lambda-server.ts';

const account = 'us-east-1:000000000000';

/** What `createTagged` makes: one resource of each service whose resources have tags, but for S3. */
export const taggedArns = {
  dashboard: 'arn:aws:cloudwatch::000000000000:dashboard/tagged',
  database: `arn:aws:glue:${account}:database/tagged`,
  deliveryStream: `arn:aws:firehose:${account}:deliverystream/tagged`,
  function: `arn:aws:lambda:${account}:function:tagged`,
  group: `arn:aws:logs:${account}:log-group:tagged`,
  queue: `arn:aws:sqs:${account}:tagged`,
  stream: `arn:aws:kinesis:${account}:stream/tagged`,
  topic: `arn:aws:sns:${account}:tagged`,
};

/** With the tag `team`, and the stream with `shards`, too. */
export async function createTagged(endpoint: string): Promise<void> {
  const options = clientOptions(endpoint);
  const Tags = [{ Key: 'team', Value: 'data' }];
  const tags = { team: 'data' };
  await new SQSClient(options).send(new CreateQueueCommand({ QueueName: 'tagged', tags }));
  await new KinesisClient(options).send(
    new CreateStreamCommand({ StreamName: 'tagged', ShardCount: 1, Tags: { ...tags, shards: '1' } }),
  );
  await new SNSClient(options).send(new CreateTopicCommand({ Name: 'tagged', Tags }));
  await new CloudWatchLogsClient(options).send(new CreateLogGroupCommand({ logGroupName: 'tagged', tags }));
  await new CloudWatchClient(options).send(
    new PutDashboardCommand({ DashboardName: 'tagged', DashboardBody: '{"widgets":[]}', Tags }),
  );
  await new GlueClient(options).send(
    new CreateDatabaseCommand({ DatabaseInput: { Name: 'tagged' }, Tags: tags }),
  );
  await new LambdaClient(options).send(
    new CreateFunctionCommand({
      FunctionName: 'tagged',
      Runtime: 'nodejs24.x',
      Role: 'arn:aws:iam::000000000000:role/r',
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': 'export const handler = 1;' }) },
      Tags: tags,
    }),
  );
  await new FirehoseClient(options).send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: 'tagged',
      Tags,
      ExtendedS3DestinationConfiguration: {
        BucketARN: 'arn:aws:s3:::tagged',
        RoleARN: 'arn:aws:iam::000000000000:role/r',
      },
    }),
  );
}
