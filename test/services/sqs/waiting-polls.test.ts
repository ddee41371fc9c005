/** Very many long polls that wait: their memory has a bound, and others are answered. WAITING_POLLS=10000 is the long form. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { test, type TestContext } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { SQSClient } from '@aws-sdk/client-sqs';
import { signedFor } from '../../support/admission.ts';
import { clientOptions, spawnServer, type ServerProcess } from '../../support/server.ts';
import { until } from '../../support/until.ts';
import { TestQueue } from './queue.ts';

const POLLS = Number(process.env['WAITING_POLLS'] ?? 1000);
const POLL_BYTES_MAX = 40_000;
const OTHER_BYTES_MAX = 64 * 1024 * 1024;
/** Less than the polls last. */
const PUT_MS_MAX = 15_000;

async function anonymousBytes({ pid }: ServerProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Long polls on connections of their own; counts the messages that they get, until the test ends. */
function startPolls(t: TestContext, server: ServerProcess, QueueUrl: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  t.after(() => agent.destroy());
  const polls = { open: 0, messages: 0, ended: 0 };
  const body = JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 });
  const headers = {
    ...signedFor('sqs'),
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.ReceiveMessage',
  };
  const poll = (): void => {
    const sent = request(server.endpoint, { method: 'POST', agent, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        polls.ended++;
        if (text.includes('"Messages"')) polls.messages++;
      });
    });
    sent.on('error', () => {});
    sent.end(body, () => polls.open++);
  };
  for (let n = 0; n < POLLS; n++) poll();
  return { polls, agent };
}

test(`${POLLS} waiting long polls have bounded memory, and puts are answered`, async (t) => {
  await using server = await spawnServer();
  const options = clientOptions(server.endpoint);
  const [kinesis, sqs] = [new KinesisClient(options), new SQSClient(options)];
  t.after(() => [kinesis, sqs].forEach((client) => client.destroy()));
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const queue = await TestQueue.create(sqs, 'q');
  const Records = [{ Data: Buffer.from('a'), PartitionKey: 'k' }];
  const put = () => kinesis.send(new PutRecordsCommand({ StreamName: 's', Records }));
  await until(() =>
    put().then(
      () => true,
      () => false,
    ),
  );
  const before = await anonymousBytes(server);
  const { polls, agent } = startPolls(t, server, queue.QueueUrl);
  await until(() => Promise.resolve(polls.open === POLLS), { withinMs: 60_000 });
  // The server has received the polls before this one.
  await put();
  const begun = performance.now();
  await put();
  assert(performance.now() - begun < PUT_MS_MAX);
  const grown = (await anonymousBytes(server)) - before;
  assert(grown < POLLS * POLL_BYTES_MAX + OTHER_BYTES_MAX, `${grown} bytes more`);
  // Each message wakes one of them.
  for (let n = 0; n < 20; n++) await queue.send('a');
  await until(() => Promise.resolve(polls.messages === 20));
  assert.deepEqual(await queue.counts(), [0, 20, 0]);
  // Clients that leave take no message with them.
  agent.destroy();
  await put();
  await queue.send('last');
  await until(async () => (await queue.bodies({ WaitTimeSeconds: 1 })).includes('last'));
});
