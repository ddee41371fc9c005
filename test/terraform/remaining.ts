import { CloudWatchClient, DescribeAlarmsCommand, ListDashboardsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { FirehoseClient, ListDeliveryStreamsCommand } from '@aws-sdk/client-firehose';
import { GetDatabasesCommand, GlueClient } from '@aws-sdk/client-glue';
import {
  IAMClient,
  ListGroupsCommand,
  ListInstanceProfilesCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { LambdaClient, ListEventSourceMappingsCommand, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from '../support/server.ts';

/** The names of all resources of a server. */
export async function remainingResources(endpoint: string): Promise<string[]> {
  const options = clientOptions(endpoint);
  const kinesis = new KinesisClient(options);
  const lambda = new LambdaClient(options);
  const sns = new SNSClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const cloudWatch = new CloudWatchClient(options);
  const logs = new CloudWatchLogsClient(options);
  const firehose = new FirehoseClient(options);
  const glue = new GlueClient(options);
  const iam = new IAMClient(options);
  const sqs = new SQSClient(options);
  const answers: readonly object[] = await Promise.all([
    kinesis.send(new ListStreamsCommand({})),
    lambda.send(new ListFunctionsCommand({})),
    lambda.send(new ListEventSourceMappingsCommand({})),
    sns.send(new ListTopicsCommand({})),
    sns.send(new ListSubscriptionsCommand({})),
    s3.send(new ListBucketsCommand({})),
    cloudWatch.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })),
    cloudWatch.send(new ListDashboardsCommand({})),
    logs.send(new DescribeLogGroupsCommand({})),
    firehose.send(new ListDeliveryStreamsCommand({})),
    glue.send(new GetDatabasesCommand({})),
    iam.send(new ListRolesCommand({})),
    iam.send(new ListPoliciesCommand({ Scope: 'Local' })),
    iam.send(new ListUsersCommand({})),
    iam.send(new ListGroupsCommand({})),
    iam.send(new ListInstanceProfilesCommand({})),
    sqs.send(new ListQueuesCommand({})),
  ]);
  for (const client of [kinesis, lambda, sns, s3, cloudWatch, logs, firehose, glue, iam, sqs])
    client.destroy();
  return answers.flatMap((answer) =>
    Object.entries(answer).flatMap(([member, list]) =>
      Array.isArray(list) ? list.map((each: unknown) => `${member}: ${nameOf(each)}`) : [],
    ),
  );
}

/** The first text of a list's element is its name, or its ARN. */
function nameOf(element: unknown): string {
  if (typeof element !== 'object' || element === null) return String(element);
  return String(Object.values(element).find((value) => typeof value === 'string'));
}
