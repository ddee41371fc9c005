import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import {
  CreateAliasCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { clientOptions, spawnServer } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { role, zip } from '../lambda-server.ts';

function code(name: string): Uint8Array {
  return zip({
    'index.mjs': `export const handler = async ({ Records }, { functionVersion }) => {
      for (const { kinesis } of Records) {
        console.log(['${name}', functionVersion, Buffer.from(kinesis.data, 'base64')].join(' '));
      }
    };`,
  });
}

test('a mapping to an alias runs the version that the alias has at that time, also after kill -9', async (context) => {
  const server = await spawnServer();
  context.after(() => server.close());
  const options = clientOptions(server.endpoint);
  const lambda = new LambdaClient(options);
  const kinesis = new KinesisClient(options);
  const logs = new CloudWatchLogsClient(options);
  for (const client of [lambda, kinesis, logs]) context.after(() => client.destroy());

  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Timeout: 30,
      Code: { ZipFile: code('first') },
      Publish: true,
    }),
  );
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: code('second'), Publish: true }),
  );
  await lambda.send(new CreateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '1' }));
  const streamArn = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
  const made = await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'f:live',
      EventSourceArn: streamArn,
      StartingPosition: 'TRIM_HORIZON',
    }),
  );
  assert.equal(made.FunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:f:live');
  const mappingsOf = async (name: string) => {
    const found = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
    return found.EventSourceMappings?.map(({ UUID }) => UUID);
  };
  assert.deepEqual(await mappingsOf('f:live'), [made.UUID]);
  assert.deepEqual(await mappingsOf('f'), []);

  const put = (text: string) =>
    kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: '1', Data: Buffer.from(text) }));
  const isPrinted = async (text: string): Promise<boolean> => {
    const found = await logs
      .send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/f', filterPattern: `"${text}"` }))
      .catch(() => undefined);
    return (found?.events ?? []).length > 0;
  };
  await put('a');
  await until(() => isPrinted('first 1 a'));
  await server.kill();
  await server.start();
  await put('b');
  await until(() => isPrinted('first 1 b'));
  await lambda.send(new UpdateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '2' }));
  await put('c');
  await until(() => isPrinted('second 2 c'));
});
