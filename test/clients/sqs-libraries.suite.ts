/** Libraries that stand on SQS, and its older SDK for JavaScript. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SQSClient } from '@aws-sdk/client-sqs';
import SQS from 'aws-sdk/clients/sqs.js';
import { Consumer } from 'sqs-consumer';
import { TestQueue } from '../services/sqs/queue.ts';
import { clientEnvironment, clientOptions, startTestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools, programPath, runTool } from '../support/tools.ts';
import { until } from '../support/until.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const isEmpty = async (queue: TestQueue) => (await queue.counts()).every((count) => count === 0);

async function serverOf(t: TestContext) {
  const server = await startTestServer();
  t.after(() => server.close());
  const sqs = new SQSClient(clientOptions(server.endpoint));
  t.after(() => sqs.destroy());
  return { server, sqs };
}

test('sqs-consumer handles each message, and those again that it failed on', async (t) => {
  const { sqs } = await serverOf(t);
  const queue = await TestQueue.create(sqs, 'jobs', { VisibilityTimeout: '5' });
  const sent = Array.from({ length: 20 }, (_, n) => `job ${n}`);
  await Promise.all(sent.map((body) => queue.send(body)));
  const handled: string[] = [];
  let failures = 0;
  const consumer = Consumer.create({
    queueUrl: queue.QueueUrl,
    sqs,
    batchSize: 10,
    waitTimeSeconds: 1,
    handleMessage: async (message) => {
      if (message.Body === 'job 7' && failures++ === 0) throw new Error('no');
      handled.push(message.Body ?? '');
      await Promise.resolve();
      return message;
    },
  });
  consumer.on('processing_error', () => {});
  consumer.start();
  await until(() => isEmpty(queue));
  consumer.stop();
  assert.equal(failures, 2);
  assert.deepEqual(handled.toSorted(), sent.toSorted());
});

test('the AWS SDK for JavaScript 2 sends, receives and deletes', async (t) => {
  const { server } = await serverOf(t);
  const sqs = new SQS({
    endpoint: server.endpoint,
    region: 'us-east-1',
    accessKeyId: 'test',
    secretAccessKey: 'test',
  });
  const { QueueUrl = '' } = await sqs.createQueue({ QueueName: 'jobs' }).promise();
  const attributes = { a: { DataType: 'String', StringValue: 'b' } };
  await sqs.sendMessage({ QueueUrl, MessageBody: 'hello', MessageAttributes: attributes }).promise();
  // It verifies the digests.
  const { Messages: [message] = [] } = await sqs
    .receiveMessage({ QueueUrl, MessageAttributeNames: ['All'] })
    .promise();
  assert.equal(message?.Body, 'hello');
  assert.equal(message.MessageAttributes?.['a']?.StringValue, 'b');
  await sqs.deleteMessage({ QueueUrl, ReceiptHandle: message.ReceiptHandle ?? '' }).promise();
  await assert.rejects(sqs.getQueueUrl({ QueueName: 'nobody' }).promise(), {
    code: 'AWS.SimpleQueueService.NonExistentQueue',
  });
});

test('Celery runs the tasks that it was sent', async (t) => {
  if (!hasTools(t, 'celery')) return;
  const celery = programPath('celery') ?? '';
  const python = join(dirname(celery), 'python3');
  const { server, sqs } = await serverOf(t);
  const notes = join(await temporaryFolder(), 'notes');
  await writeFile(notes, '');
  const env = { ...clientEnvironment(server.endpoint), NOTES: notes };
  await runTool(python, ['-c', 'import celery_tasks; celery_tasks.send()'], { cwd: here, env });
  const args = ['-A', 'celery_tasks', 'worker', '--pool', 'solo', '--loglevel', 'WARNING'];
  const worker = spawn(celery, args, {
    cwd: here,
    env: { ...process.env, ...env },
    stdio: 'ignore',
  });
  t.after(async () => {
    worker.kill();
    if (worker.exitCode === null) await once(worker, 'exit');
  });
  const noted = async () => (await readFile(notes, 'utf8')).split('\n').filter((line) => line !== '');
  await until(async () => (await noted()).length >= 5, { withinMs: 60_000 });
  assert.deepEqual((await noted()).toSorted(), ['0', '1', '2', '3', '4']);
  await until(() => isEmpty(new TestQueue(sqs, `${server.endpoint}/000000000000/celery-jobs`)));
});
