import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  GetFunctionCommand,
  LambdaClient,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda';
import { clientOptions, startTestServer } from '../../../support/server.ts';
import { role, zip } from '../lambda-server.ts';

test('functions and event source mappings are tagged by ARN, on creation and later', async (context) => {
  await using server = await startTestServer();
  const lambda = new LambdaClient(clientOptions(server.endpoint));
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  for (const client of [lambda, kinesis]) context.after(() => client.destroy());
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const { FunctionArn: functionArn = '' } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Code: { ZipFile: zip({ 'index.mjs': '' }) },
      Tags: { team: 'a' },
    }),
  );
  const { EventSourceMappingArn: mappingArn = '' } = await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'f',
      EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
      StartingPosition: 'LATEST',
      Tags: { team: 'a' },
    }),
  );
  const tagsOf = async (arn: string) => (await lambda.send(new ListTagsCommand({ Resource: arn }))).Tags;
  const tag = (arn: string, tags: Record<string, string>) =>
    lambda.send(new TagResourceCommand({ Resource: arn, Tags: tags }));
  for (const arn of [functionArn, mappingArn]) {
    assert.deepEqual(await tagsOf(arn), { team: 'a' });
    await tag(arn, { team: 'b', cost: '1' });
    assert.deepEqual(await tagsOf(arn), { team: 'b', cost: '1' });
    await lambda.send(new UntagResourceCommand({ Resource: arn, TagKeys: ['cost', 'none'] }));
    const invalid = { name: 'InvalidParameterValueException' };
    await assert.rejects(tag(arn, { 'aws:x': '1' }), invalid);
    await assert.rejects(tag(arn, {}), invalid);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, '']));
    await assert.rejects(tag(arn, many), {
      ...invalid,
      message: /limit/,
    });
  }
  await server.restart();
  for (const arn of [functionArn, mappingArn]) assert.deepEqual(await tagsOf(arn), { team: 'b' });
  const found = await lambda.send(new GetFunctionCommand({ FunctionName: 'f' }));
  assert.deepEqual(found.Tags, { team: 'b' });
  await assert.rejects(tag(`${functionArn}:$LATEST`, { a: 'b' }), {
    message: 'Tags on function aliases and versions are not supported. Please specify a function ARN.',
  });
  await assert.rejects(tagsOf(functionArn.replace(/f$/, 'none')), { name: 'ResourceNotFoundException' });
  await assert.rejects(tagsOf(mappingArn.replace(/.{4}$/, '0000')), { name: 'ResourceNotFoundException' });
});
