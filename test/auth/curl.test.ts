/** curl as docs/security.md shows it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer } from '../support/server.ts';
import { hasTools, runTool } from '../support/tools.ts';

const curl = (...args: string[]): Promise<string> =>
  runTool('curl', ['--silent', '--show-error', '--write-out', ' %{http_code}', ...args]);
const sign = (service: string): string[] => [
  '--aws-sigv4',
  `aws:amz:us-east-1:${service}`,
  '--user',
  'nagare:nagare',
];

test('curl can read without a signature, and change data with one', async (t) => {
  if (!hasTools(t, 'curl')) return;
  await using server = await startTestServer();
  const { endpoint } = server;
  const kinesis = (operation: string, input: object): string[] => [
    endpoint,
    '--header',
    'Content-Type: application/x-amz-json-1.1',
    '--header',
    `X-Amz-Target: Kinesis_20131202.${operation}`,
    '--data',
    JSON.stringify(input),
  ];
  const create = kinesis('CreateStream', { StreamName: 's', ShardCount: 1 });

  assert.match(await curl(`${endpoint}/health`), /^\{"status":"ok".*\} 200$/);
  assert.match(await curl(...create), /MissingAuthenticationTokenException.* 403$/);
  assert.equal(await curl(...sign('kinesis'), ...create), ' 200');
  assert.match(await curl(...kinesis('ListStreams', {})), /"StreamNames":\["s"\].* 200$/);

  assert.equal(await curl(...sign('s3'), '--request', 'PUT', `${endpoint}/bucket`), ' 200');
  assert.match(
    await curl('--request', 'PUT', '--data', 'hello', `${endpoint}/bucket/key`),
    /AccessDenied.* 403$/,
  );
  const put = ['--request', 'PUT', '--data', 'hello', `${endpoint}/bucket/key`];
  assert.equal(await curl(...sign('s3'), ...put), ' 200');
  assert.equal(await curl(`${endpoint}/bucket/key`), 'hello 200');
  assert.match(await curl('--header', 'Host: evil.example', `${endpoint}/bucket/key`), /AccessDenied.* 403$/);
});
