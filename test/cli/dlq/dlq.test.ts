import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { runCommand } from '../../support/command.ts';
import { clientOptions, spawnServer, startTestServer, temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';

test('records that a function gave up are counted, shown, and given to it again', async (t) => {
  const cwd = await temporaryFolder();
  const code = `import { appendFileSync, existsSync } from 'node:fs';
    export const handler = async ({ Records }) => {
      if (!existsSync('${cwd}/well')) throw new Error('not yet');
      for (const { kinesis } of Records) appendFileSync('${cwd}/notes', Buffer.from(kinesis.data, 'base64') + '\\n');
    };`;
  await writeFile(join(cwd, 'handle.mjs'), code);
  const yaml = `streams: { s: { shardCount: 1 } }
queues: { given-up: {} }
functions:
  handle:
    path: handle.mjs
    eventSources:
      - stream: s
        batchSize: 10
        maximumRetryAttempts: 0
        startingPosition: TRIM_HORIZON
        onFailure: arn:aws:sqs:us-east-1:000000000000:given-up
`;
  await writeFile(join(cwd, 'nagare.yaml'), yaml);
  const server = await spawnServer({ cwd, args: ['--function-isolation', 'off'] });
  t.after(() => server.close());
  const nagare = (...args: string[]) => runCommand([...args, '--endpoint-url', server.endpoint]);
  await nagare('put', 's', 'a', 'b', '--key', 'k');
  const listed = await until(async () => {
    const { output } = await nagare('dlq', 'ls');
    return output === 'given-up\t1\tfunction handle\n' && output;
  });
  assert.ok(listed);
  const shown = await nagare('dlq', 'show', 'given-up');
  assert.match(
    shown.output,
    /\t2 records of shardId-000000000000 for handle \(RetryAttemptsExhausted\)\t\{/,
    shown.errors,
  );
  const dry = await nagare('dlq', 'redrive', 'given-up', '--dry-run');
  assert.equal(
    dry.output,
    'would invoke functions with 1 batches, and move 0 messages back to their queues\n',
  );
  const again = await nagare('dlq', 'redrive', 'given-up');
  assert.equal(again.code, 1);
  assert.match(again.errors, /not yet[^]*1 batches failed again, and stay in given-up/);
  await writeFile(join(cwd, 'well'), '');
  const done = await nagare('dlq', 'redrive', 'given-up');
  assert.equal(done.output, '1 of 1 batches succeeded, 0 messages were moved back\n', done.errors);
  assert.equal(await readFile(join(cwd, 'notes'), 'utf8'), 'a\nb\n');
  assert.equal((await nagare('dlq', 'ls')).output, 'given-up\t0\tfunction handle\n');
  assert.equal((await nagare('dlq', 'redrive', 'nope')).code, 4);
});

/** A queue `work`, whose messages go to `dead` when they were received twice. */
async function withDeadLetters(endpoint: string, bodies: readonly string[]) {
  const sqs = new SQSClient(clientOptions(endpoint));
  const { QueueUrl: dead = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }));
  const AttributeNames = ['QueueArn'] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: dead, AttributeNames: [...AttributeNames] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 1 });
  const create = new CreateQueueCommand({
    QueueName: 'work',
    Attributes: { RedrivePolicy, VisibilityTimeout: '0' },
  });
  const { QueueUrl: work = '' } = await sqs.send(create);
  for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl: work, MessageBody }));
  sqs.destroy();
  const nagare = (...args: string[]) => runCommand([...args, '--endpoint-url', endpoint]);
  await until(async () => {
    await nagare('queue', 'receive', 'work', '--max', '10');
    return (await nagare('dlq', 'ls')).output === `dead\t${bodies.length}\tqueue work\n`;
  });
  return nagare;
}

test('messages go back to the queues that they came from', async () => {
  await using server = await startTestServer();
  const nagare = await withDeadLetters(server.endpoint, ['hard']);
  assert.match((await nagare('dlq', 'show', 'dead')).output, /^\S+\tmessage\thard\n$/);
  const done = await nagare('dlq', 'redrive', 'dead');
  assert.equal(done.output, '0 of 0 batches succeeded, 1 messages were moved back\n', done.errors);
  assert.match((await nagare('queue', 'ls')).output, /^work\t1\t/m);
});

test('some messages go back, the others stay and can be received at once', async () => {
  await using server = await startTestServer();
  const bodies = Array.from({ length: 13 }, (_, at) => `m${at}`);
  const nagare = await withDeadLetters(server.endpoint, bodies);
  const shown = await nagare('dlq', 'show', 'dead', '--limit', '13');
  const idOf = (body: string) =>
    new RegExp(`^(\\S+)\\tmessage\\t${body}$`, 'm').exec(shown.output)?.[1] ?? '';
  const chosen = [idOf('m3'), idOf('m12')].flatMap((id) => ['--message', id]);
  const dry = await nagare('dlq', 'redrive', 'dead', ...chosen, '--dry-run');
  assert.match(dry.output, /move 2 messages back/, dry.errors);
  const done = await nagare('dlq', 'redrive', 'dead', ...chosen);
  assert.equal(done.output, '0 of 0 batches succeeded, 2 messages were moved back\n', done.errors);
  const left = await nagare('dlq', 'show', 'dead', '--limit', '13');
  assert.equal(left.output.split('\n').length - 1, 11);
  assert.doesNotMatch(left.output, /\tm3$|\tm12$/m);
  const back = await nagare('queue', 'receive', 'work', '--max', '10');
  assert.deepEqual(back.output.trim().split('\n').toSorted(), ['m12', 'm3']);
  const again = await nagare('dlq', 'redrive', 'dead', ...chosen);
  assert.equal(again.code, 4);
  assert.match(again.errors, /dead has no message/);
});
