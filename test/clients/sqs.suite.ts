/** SQS with boto3 and the AWS CLI, as they are and as they were when they spoke the query protocol. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { clientEnvironment, startTestServer } from '../support/server.ts';
import { hasTools, runTool } from '../support/tools.ts';

const script = fileURLToPath(new URL('sqs.py', import.meta.url));
const queryPackages = fileURLToPath(new URL('../../.cache/query-packages', import.meta.url));

/** Skips the test where .ci/tools has not installed the packages; in CI it fails instead. */
function hasQueryPackages(t: TestContext): boolean {
  if (existsSync(queryPackages)) return hasTools(t, 'python3');
  const reason = 'not installed (.ci/tools does it): .cache/query-packages';
  if (process.env['CI'] === 'true') throw new Error(reason);
  t.skip(reason);
  return false;
}

test('boto3 sends, receives, deletes and redrives, and knows the errors', async (t) => {
  if (!hasTools(t, 'python3')) return;
  await using server = await startTestServer();
  assert.equal(await runTool('python3', [script, server.endpoint, 'json']), 'ok\n');
});

test('boto3 of 2023 does the same by the query protocol', async (t) => {
  if (!hasQueryPackages(t)) return;
  await using server = await startTestServer();
  const env = { PYTHONPATH: queryPackages };
  assert.equal(await runTool('python3', [script, server.endpoint, 'query'], { env }), 'ok\n');
});

type Aws = (...args: string[]) => Promise<string>;

async function sendsAndReceives(aws: Aws): Promise<void> {
  const url = (await aws('create-queue', '--queue-name', 'q')).trim();
  const attributes = '{"n": {"DataType": "Number", "StringValue": "7"}}';
  const message = ['--message-body', 'hello & <good> bye', '--message-attributes', attributes];
  await aws('send-message', '--queue-url', url, ...message);
  const entries = '[{"Id": "a", "MessageBody": "1"}, {"Id": "b", "MessageBody": "2", "DelaySeconds": 901}]';
  const sent = ['send-message-batch', '--queue-url', url, '--entries', entries];
  assert.equal(
    await aws(...sent, '--query', '[Successful[].Id, Failed[].Code]'),
    'a\nInvalidParameterValue\n',
  );
  const receive = ['receive-message', '--queue-url', url, '--message-attribute-names', 'All'];
  const parts = 'Messages[0].[Body, MessageAttributes.n.StringValue]';
  assert.equal(await aws(...receive, '--query', parts), 'hello & <good> bye\t7\n');
  const handle = await aws(...receive, '--wait-time-seconds', '5', '--query', 'Messages[0].ReceiptHandle');
  await aws('delete-message', '--queue-url', url, '--receipt-handle', handle.trim());
  await assert.rejects(
    aws('get-queue-url', '--queue-name', 'nobody'),
    /AWS.SimpleQueueService.NonExistentQueue.*: The specified queue does not exist/,
  );
}

test('the AWS CLI sends and receives messages', async (t) => {
  if (!hasTools(t, 'aws')) return;
  await using server = await startTestServer();
  await sendsAndReceives(async (...args) => {
    const options = ['--endpoint-url', server.endpoint, '--output', 'text'];
    return await runTool('aws', [...options, 'sqs', ...args], { env: clientEnvironment(server.endpoint) });
  });
});

test('the AWS CLI of 2023 does the same by the query protocol', async (t) => {
  if (!hasQueryPackages(t)) return;
  await using server = await startTestServer();
  const env = { ...clientEnvironment(server.endpoint), PYTHONPATH: queryPackages };
  await sendsAndReceives(async (...args) => {
    const options = ['-m', 'awscli', '--endpoint-url', server.endpoint, '--output', 'text'];
    return await runTool('python3', [...options, 'sqs', ...args], { env });
  });
});
