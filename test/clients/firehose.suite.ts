/** Firehose by boto3 and by the AWS CLI. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clientEnvironment, startTestServer } from '../support/server.ts';
import { hasTools, runTool } from '../support/tools.ts';

test('boto3 makes, fills, changes and deletes a delivery stream', async (t) => {
  if (!hasTools(t, 'python3')) return;
  await using server = await startTestServer();
  const script = fileURLToPath(new URL('firehose.py', import.meta.url));
  assert.equal(await runTool('python3', [script], { env: clientEnvironment(server.endpoint) }), 'ok\n');
});

test('the AWS CLI makes, fills, describes and deletes a delivery stream', async (t) => {
  if (!hasTools(t, 'aws')) return;
  await using server = await startTestServer();
  const env = clientEnvironment(server.endpoint);
  const firehose = (...args: string[]) => runTool('aws', ['firehose', ...args], { env });
  const name = ['--delivery-stream-name', 'orders'];
  const destination = 'RoleARN=arn:aws:iam::000000000000:role/any,BucketARN=arn:aws:s3:::lake';
  await firehose('create-delivery-stream', ...name, '--extended-s3-destination-configuration', destination);
  const put = await firehose('put-record', ...name, '--record', 'Data=eA==');
  assert.match(put, /"RecordId"/);
  assert.match(await firehose('describe-delivery-stream', ...name), /"DeliveryStreamStatus": "ACTIVE"/);
  await firehose('delete-delivery-stream', ...name, '--allow-force-delete');
  assert.match(await firehose('list-delivery-streams'), /"DeliveryStreamNames": \[\]/);
});
