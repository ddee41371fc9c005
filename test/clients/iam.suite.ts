/** IAM and STS with boto3 and the AWS CLI, whose paginators and exceptions come from their own models. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clientEnvironment, startTestServer } from '../support/server.ts';
import { hasTools, runTool } from '../support/tools.ts';

const script = fileURLToPath(new URL('iam.py', import.meta.url));

test('boto3 creates, pages through, simulates and assumes identities, and knows the errors', async (t) => {
  if (!hasTools(t, 'python3', 'aws')) return;
  await using server = await startTestServer();
  assert.equal(await runTool('python3', [script, server.endpoint]), 'ok\n');
});

test('the AWS CLI shows the caller and lists the policies of AWS', async (t) => {
  if (!hasTools(t, 'python3', 'aws')) return;
  await using server = await startTestServer();
  const aws = async (...args: string[]): Promise<string> => {
    const endpoint = ['--endpoint-url', server.endpoint, '--output', 'text'];
    return await runTool('aws', [...endpoint, ...args], { env: { ...clientEnvironment(server.endpoint) } });
  };
  const arn = await aws('sts', 'get-caller-identity', '--query', 'Arn');
  assert.equal(arn, 'arn:aws:iam::000000000000:root\n');
  const names = await aws('iam', 'list-policies', '--scope', 'AWS', '--query', 'Policies[].PolicyName');
  assert.match(names, /\bAWSLambdaKinesisExecutionRole\b/);
});
