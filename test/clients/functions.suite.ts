/**
 * Libraries that people use in functions of streams and queues: the batch processors of Powertools for Node.js, behind
 * Middy, and for Python, in functions that an event source mapping with ReportBatchItemFailures invokes.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  LambdaClient,
  type CreateFunctionCommandInput,
} from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { zipSync } from 'fflate';
import { TestQueue } from '../services/sqs/queue.ts';
import { clientOptions, startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

const folder = fileURLToPath(new URL('functions/', import.meta.url));
const nodePackages = join(folder, 'node_modules');
const pythonPackages = fileURLToPath(new URL('../../.cache/function-packages', import.meta.url));

/** Skips the test where .ci/tools has not installed the packages; in CI it fails instead. */
function hasPackages(t: TestContext, path: string): boolean {
  if (existsSync(path)) return true;
  const reason = `not installed (.ci/tools does it): ${path}`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  t.skip(reason);
  return false;
}

function filesBelow(root: string, prefix = ''): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[prefix + path.slice(root.length + 1)] = readFileSync(path);
  }
  return files;
}

async function createFunction(
  lambda: LambdaClient,
  files: Readonly<Record<string, Uint8Array>>,
  options: Pick<CreateFunctionCommandInput, 'Runtime' | 'Handler' | 'Timeout'>,
): Promise<void> {
  await lambda.send(
    new CreateFunctionCommand({
      ...options,
      FunctionName: 'f',
      Role: 'arn:aws:iam::000000000000:role/test',
      MemorySize: 512,
      Code: { ZipFile: zipSync({ ...files }) },
    }),
  );
}

/** What the function says about batches and records. */
async function printedBy(logs: CloudWatchLogsClient): Promise<string[]> {
  const answer = await logs
    .send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/f' }))
    .catch(() => undefined);
  const messages = (answer?.events ?? []).map(({ message = '' }) => message.trim());
  return messages.flatMap((message) => /(batch of|processed|failed) .*$/.exec(message)?.[0] ?? []);
}

async function processes(
  t: TestContext,
  files: Readonly<Record<string, Uint8Array>>,
  options: Pick<CreateFunctionCommandInput, 'Runtime' | 'Handler'>,
): Promise<void> {
  await using server = await startTestServer();
  const client = clientOptions(server.endpoint);
  const kinesis = new KinesisClient(client);
  const lambda = new LambdaClient(client);
  const logs = new CloudWatchLogsClient(client);
  t.after(() => [kinesis, lambda, logs].forEach((one) => one.destroy()));
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const Records = ['a', 'once-b', 'c'].map((text) => ({ Data: Buffer.from(text), PartitionKey: 'k' }));
  await until(() =>
    kinesis.send(new PutRecordsCommand({ StreamName: 's', Records })).then(
      () => true,
      () => false,
    ),
  );
  await createFunction(lambda, files, { ...options, Timeout: 60 });
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'f',
      EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
      StartingPosition: 'TRIM_HORIZON',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
  );
  const printed = () => printedBy(logs);
  await until(async () => (await printed()).includes('processed once-b'), { withinMs: 60_000 });
  await until(async () => (await printed()).filter((line) => line === 'processed c').length === 2);
  // Lambda goes on at the record that the library reports: the one before it is not processed again.
  const lines = await printed();
  assert.deepEqual(
    lines.filter((line) => line.startsWith('batch')),
    ['batch of 3', 'batch of 2'],
  );
  assert.equal(lines.filter((line) => line === 'processed a').length, 1);
  assert.equal(lines.filter((line) => line === 'failed once-b').length, 1);
}

/** A FIFO queue whose second message fails once: then the third one has to wait for it. */
async function processesInOrder(
  t: TestContext,
  files: Readonly<Record<string, Uint8Array>>,
  options: Pick<CreateFunctionCommandInput, 'Runtime' | 'Handler'>,
): Promise<void> {
  await using server = await startTestServer();
  const client = clientOptions(server.endpoint);
  const sqs = new SQSClient(client);
  const lambda = new LambdaClient(client);
  const logs = new CloudWatchLogsClient(client);
  t.after(() => [sqs, lambda, logs].forEach((one) => one.destroy()));
  const attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '15' };
  const queue = await TestQueue.create(sqs, 'q.fifo', attributes);
  for (const body of ['a', 'once-b', 'c']) await queue.send(body, { MessageGroupId: 'g' });
  await createFunction(lambda, files, { ...options, Timeout: 15 });
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'f',
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q.fifo',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    }),
  );
  await until(async () => (await queue.counts()).every((count) => count === 0), { withinMs: 90_000 });
  await until(async () => (await printedBy(logs)).includes('processed c'));
  const lines = await printedBy(logs);
  assert.deepEqual(lines, [
    'batch of 3',
    'processed a',
    'failed once-b',
    'batch of 2',
    'processed once-b',
    'processed c',
  ]);
}

test('a batch processor of Powertools for Node.js behind Middy reports single records', async (t) => {
  if (!hasPackages(t, nodePackages)) return;
  const files = {
    'index.mjs': readFileSync(join(folder, 'node.mjs')),
    ...filesBelow(nodePackages, 'node_modules/'),
  };
  await processes(t, files, { Runtime: 'nodejs24.x', Handler: 'index.handler' });
});

test('a batch processor of Powertools for Python reports single records', async (t) => {
  if (!hasPackages(t, pythonPackages)) return;
  const files = {
    'index.py': readFileSync(join(folder, 'python_powertools.py')),
    ...filesBelow(pythonPackages),
  };
  await processes(t, files, { Runtime: 'python3.13', Handler: 'index.handler' });
});

test("Powertools' FIFO processor for Node.js keeps the order of a group", async (t) => {
  if (!hasPackages(t, nodePackages)) return;
  const files = {
    'index.mjs': readFileSync(join(folder, 'node_fifo.mjs')),
    ...filesBelow(nodePackages, 'node_modules/'),
  };
  await processesInOrder(t, files, { Runtime: 'nodejs24.x', Handler: 'index.handler' });
});

test("Powertools' FIFO processor for Python keeps the order of a group", async (t) => {
  if (!hasPackages(t, pythonPackages)) return;
  const files = {
    'index.py': readFileSync(join(folder, 'python_fifo.py')),
    ...filesBelow(pythonPackages),
  };
  await processesInOrder(t, files, { Runtime: 'python3.13', Handler: 'index.handler' });
});
