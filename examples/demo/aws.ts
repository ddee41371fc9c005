import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetRecordsCommand, GetShardIteratorCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';

export type Aws = ReturnType<typeof clients>;

/** The AWS SDK's own clients; nothing in them knows of nagare but the endpoint. */
export function clients(endpoint: string) {
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'demo', secretAccessKey: 'demo' },
    // The server is killed on purpose: calls go on when it is there again.
    maxAttempts: 10,
  };
  return {
    kinesis: new KinesisClient(options),
    lambda: new LambdaClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    cloudWatch: new CloudWatchClient(options),
    sns: new SNSClient(options),
    logs: new CloudWatchLogsClient(options),
  };
}

/** The lines of an object; none when it is not there yet. */
export async function linesOf({ s3 }: Aws, bucket: string, key: string): Promise<string[]> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const text = (await Body?.transformToString()) ?? '';
    return text.split('\n').slice(0, -1);
  } catch (error) {
    if (error instanceof NoSuchKey) return [];
    throw error;
  }
}

/** All records of a stream's only shard, as text, in the order of their sequence numbers. */
export async function recordsOf({ kinesis }: Aws, stream: string): Promise<string[]> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: stream,
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

/** What a function has printed, from the `after`th line on; nothing when it has not run yet. */
export async function printedBy({ logs }: Aws, functionName: string, after: number): Promise<string[]> {
  try {
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}`, limit: 10_000 }),
    );
    return events.map(({ message }) => message ?? '').slice(after);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return [];
    throw error;
  }
}

/** `NagareListLog_20261101` is nagare's own API: JSON like Kinesis's, with operations that AWS does not have. */
export async function createListLog(endpoint: string, input: object): Promise<void> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: {
      // Any key will do; what changes something shows one.
      authorization:
        'AWS4-HMAC-SHA256 Credential=demo/20260101/us-east-1/listlog/aws4_request, SignedHeaders=host, Signature=demo',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'NagareListLog_20261101.CreateListLog',
    },
    body: JSON.stringify(input),
  });
  if (!answer.ok) throw new Error(await answer.text());
}
