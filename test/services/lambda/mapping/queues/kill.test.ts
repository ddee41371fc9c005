import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions, spawnServer, temporaryFolder } from '../../../../support/server.ts';
import { until } from '../../../../support/until.ts';
import { TestQueue } from '../../../sqs/queue.ts';
import { role, zip } from '../../lambda-server.ts';

const ROUNDS = 4;
const BATCHES = 20;

test('a mapping loses no message of a queue when its server is killed', { timeout: 120_000 }, async (t) => {
  const folder = await temporaryFolder();
  const notes = join(folder, 'notes');
  await writeFile(notes, '');
  const server = await spawnServer({ args: ['--function-isolation', 'off'] });
  t.after(() => server.close());
  const lambda = new LambdaClient(clientOptions(server.endpoint));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Role: role,
      Handler: 'index.handler',
      Code: {
        ZipFile: zip({
          'index.mjs': `import { appendFileSync } from 'node:fs';
            export const handler = async ({ Records }) => {
              appendFileSync(${JSON.stringify(notes)}, Records.map(({ body }) => body + '\\n').join(''));
            };`,
        }),
      },
    }),
  );
  const sqs = new SQSClient(clientOptions(server.endpoint));
  const queue = await TestQueue.create(sqs, 'jobs');
  await lambda.send(
    new CreateEventSourceMappingCommand({
      FunctionName: 'f',
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
    }),
  );
  const sent: string[] = [];
  const noted = async () => new Set((await readFile(notes, 'utf8')).split('\n'));
  for (let round = 0; round < ROUNDS; round++) {
    const before = (await noted()).size;
    for (let batch = 0; batch < BATCHES; batch++) {
      const bodies = Array.from({ length: 10 }, (_, n) => `${round} ${batch} ${n}`);
      const Entries = bodies.map((MessageBody, n) => ({ Id: String(n), MessageBody }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl: queue.QueueUrl, Entries }));
      sent.push(...bodies);
    }
    // Some batches have been handled, and others are under way.
    await until(async () => (await noted()).size > before);
    await server.kill();
    await server.start();
  }
  await until(async () => (await queue.counts()).every((count) => count === 0), { withinMs: 60_000 });
  const all = await noted();
  assert.deepEqual(
    sent.filter((body) => !all.has(body)),
    [],
  );
  sqs.destroy();
  lambda.destroy();
});
