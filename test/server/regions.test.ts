import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateStreamCommand, DescribeStreamSummaryCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, S3Client, type BucketLocationConstraint } from '@aws-sdk/client-s3';
import { declared } from '../support/declarations.ts';
import { clientOptions, startTestServer, temporaryFolder } from '../support/server.ts';

// In a region that the patterns of ARNs do not take, half of the services refused the ARNs of the other half.
for (const region of ['ap-northeast-1', 'us-gov-west-1', 'us-iso-east-1', 'eu-isoe-west-1']) {
  test(`in ${region}, all services accept each other's ARNs, and buckets exist there`, async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'say.mjs'), "export const handler = async () => 'said';");
    const say = { path: './say.mjs', handler: 'handler', environment: {} };
    const eventSource = { stream: 'declared', startingPosition: 'LATEST', enabled: true } as const;
    await using server = await startTestServer({
      region,
      baseDir: folder,
      declarations: declared({
        streams: { declared: {} },
        functions: { say: { ...say, eventSources: [eventSource] } },
      }),
    });
    const options = { ...clientOptions(server.endpoint), region };
    const kinesis = new KinesisClient(options);
    const lambda = new LambdaClient(options);
    const s3 = new S3Client({ ...options, forcePathStyle: true });

    const { FunctionArn } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'say' }));
    const said = await lambda.send(new InvokeCommand({ FunctionName: FunctionArn }));
    assert.equal(Buffer.from(said.Payload ?? []).toString(), '"said"');

    await kinesis.send(new CreateStreamCommand({ StreamName: 'made', ShardCount: 1 }));
    const made = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'made' }));
    const EventSourceArn = made.StreamDescriptionSummary?.StreamARN;
    const mapping = await lambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName: FunctionArn,
        EventSourceArn,
        StartingPosition: 'LATEST',
      }),
    );
    assert.equal(mapping.EventSourceArn, EventSourceArn);

    // The SDK's list lacks some regions as well; SDKs send their own region all the same.
    const LocationConstraint = region as BucketLocationConstraint;
    await s3.send(
      new CreateBucketCommand({ Bucket: 'archive', CreateBucketConfiguration: { LocationConstraint } }),
    );
    for (const client of [kinesis, lambda, s3]) client.destroy();
  });
}
