import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer } from '../support/server.ts';

test('queues are listed, described, written, read, purged and redriven', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const sqs = new SQSClient(clientOptions(server.endpoint));
  t.after(() => sqs.destroy());
  const run = (...args: string[]) => runCommand(['queue', ...args, '--endpoint', server.endpoint]);
  await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead',
    maxReceiveCount: 1,
  });
  const { QueueUrl } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'jobs', Attributes: { RedrivePolicy, VisibilityTimeout: '0' } }),
  );
  assert.match((await run('send', 'jobs', 'one')).output, /^[0-9a-f-]{36}\n$/);
  await run('send', 'jobs', 'later', '--delay', '900');
  assert.equal((await run('list')).output, 'dead\t0\t0\t0\njobs\t1\t0\t1\n');
  const described = JSON.parse((await run('describe', 'jobs', '--json')).output) as {
    Attributes: object;
    Tags: object;
  };
  assert.deepEqual(described.Tags, {});
  assert.equal('QueueArn' in described.Attributes, true);
  assert.equal((await run('receive', 'jobs')).output, 'one\n');
  // Received once, it goes to the dead-letter queue.
  assert.equal((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages, undefined);
  assert.equal((await run('redrive', 'dead')).output, 'moved 1 message of dead\n');
  const [message] = JSON.parse((await run('receive', 'jobs', '--json', '--delete')).output) as {
    Body: string;
  }[];
  assert.equal(message?.Body, 'one');
  const refused = await run('purge', 'jobs');
  assert.equal(refused.code, 2);
  assert.match(refused.errors, /this deletes all messages of jobs \(0 visible, 0 in flight, 1 delayed\)/);
  assert.equal((await run('purge', 'jobs', '--yes')).output, 'purged jobs\n');
  const [, jobs] = JSON.parse((await run('list', '--json')).output) as {
    Attributes: Record<string, string>;
  }[];
  assert.equal(jobs?.Attributes['ApproximateNumberOfMessagesDelayed'], '0');
  assert.match((await run('receive', 'nobody')).errors, /QueueDoesNotExist/);
  assert.match(
    (await run('receive', 'jobs', '--max', 'x')).errors,
    /--max is "x"; it must be a whole number/,
  );
});

test('queues are created with a queue for dead letters, and deleted', async (t) => {
  const server = await startTestServer();
  t.after(() => server.close());
  const run = (...args: string[]) => runCommand(['queue', ...args, '--endpoint-url', server.endpoint]);
  await run('create', 'dead.fifo');
  const created = await run('create', 'jobs.fifo', '--dead-letters', 'dead.fifo', '--max-receives', '2');
  assert.match(created.output, /^http.*\/jobs\.fifo\n$/, created.errors);
  const { Attributes } = JSON.parse((await run('info', 'jobs.fifo', '--json')).output) as {
    readonly Attributes: Record<string, string>;
  };
  assert.deepEqual(JSON.parse(Attributes['RedrivePolicy'] ?? ''), {
    deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:dead.fifo',
    maxReceiveCount: 2,
  });
  assert.equal((await run('create', 'x', '--max-receives', '2')).code, 2);
  assert.equal((await run('create', 'x', '--dead-letters', 'none')).code, 4);
  const asked = await run('rm', 'jobs.fifo');
  assert.equal(asked.code, 2);
  assert.match(asked.errors, /^nagare: this deletes the queue jobs\.fifo with its messages \(0 visible/);
  assert.equal((await run('rm', 'jobs.fifo', '--yes')).output, 'jobs.fifo is deleted\n');
  assert.equal((await run('ls')).output, 'dead.fifo\t0\t0\t0\n');
});
