import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishLayerVersionCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { clientOptions, startTestServer } from '../../../support/server.ts';
import { role, zip } from '../lambda-server.ts';

function saying(text: string) {
  return {
    'index.mjs': `import one from 'one'; export const handler = async () => [${JSON.stringify(text)}, one];`,
  };
}

test('code and layers come from objects of the server', async (context) => {
  await using server = await startTestServer();
  const options = clientOptions(server.endpoint);
  const lambda = new LambdaClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  for (const client of [lambda, s3]) context.after(() => client.destroy());
  await s3.send(new CreateBucketCommand({ Bucket: 'code' }));
  const put = (key: string, files: Readonly<Record<string, string>>) =>
    s3.send(new PutObjectCommand({ Bucket: 'code', Key: key, Body: zip(files) }));
  await put('first.zip', saying('first'));
  await put('second.zip', saying('second'));
  await put('layer.zip', { 'nodejs/node_modules/one/index.js': 'module.exports = 1;' });
  const layer = await lambda.send(
    new PublishLayerVersionCommand({ LayerName: 'one', Content: { S3Bucket: 'code', S3Key: 'layer.zip' } }),
  );
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Code: { S3Bucket: 'code', S3Key: 'first.zip' },
      Layers: [layer.LayerVersionArn ?? ''],
    }),
  );
  const said = async (): Promise<unknown> => {
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'f' }));
    return JSON.parse(Payload?.transformToString() ?? '');
  };
  assert.deepEqual(await said(), ['first', 1]);
  const update = (change: object) =>
    lambda.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', S3Bucket: 'code', ...change }));
  const before = await update({ S3Key: 'second.zip', DryRun: true });
  assert.deepEqual(await said(), ['first', 1]);
  const after = await update({ S3Key: 'second.zip' });
  assert.equal(after.CodeSha256, before.CodeSha256);
  assert.notEqual(after.RevisionId, before.RevisionId);
  assert.deepEqual(await said(), ['second', 1]);

  const invalid = 'InvalidParameterValueException';
  await assert.rejects(update({ S3Key: 'none.zip' }), {
    name: invalid,
    message:
      'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
  });
  await assert.rejects(update({ S3Bucket: 'none', S3Key: 'second.zip' }), {
    name: invalid,
    message:
      'Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist',
  });
  await assert.rejects(update({ S3Key: 'second.zip', S3ObjectVersion: '1' }), {
    message: 'nagare does not support S3ObjectVersion yet',
  });
  await assert.rejects(update({ S3Key: 'second.zip', ZipFile: zip(saying('third')) }), { name: invalid });
  await s3.send(new PutObjectCommand({ Bucket: 'code', Key: 'broken.zip', Body: 'no zip' }));
  for (const options of [{}, { DryRun: true }]) {
    await assert.rejects(update({ S3Key: 'broken.zip', ...options }), {
      name: invalid,
      message: /^Could not unzip uploaded file/,
    });
  }
  assert.deepEqual(await said(), ['second', 1]);
});
