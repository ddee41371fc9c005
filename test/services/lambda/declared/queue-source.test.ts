import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { SQSClient } from '@aws-sdk/client-sqs';
import { runCommand } from '../../../support/command.ts';
import { clientOptions, spawnServer, temporaryFolder } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';
import { TestQueue } from '../../sqs/queue.ts';

const content = `queues:
  jobs: {}
functions:
  work:
    path: ./work.mjs
    eventSources:
      - queue: jobs
        batchSize: 5
        maximumBatchingWindowInSeconds: 1
        scalingConfig: { maximumConcurrency: 2 }
`;

test('a declared function reads a queue, and nagare declare prints it', async (t) => {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'work.mjs'), 'export const handler = async () => {};\n');
  await writeFile(join(cwd, 'nagare.yaml'), content);
  const server = await spawnServer({ cwd, args: ['--function-isolation', 'off'] });
  t.after(() => server.close());
  const sqs = new SQSClient(clientOptions(server.endpoint));
  t.after(() => sqs.destroy());
  const queue = new TestQueue(sqs, `${server.endpoint}/000000000000/jobs`);
  await queue.send('a job');
  await until(async () => (await queue.counts()).every((count) => count === 0));
  const { output, code } = await runCommand(['declare', '--endpoint', server.endpoint]);
  assert.equal(code, 0);
  const { queues, functions } = parse(output) as {
    queues: object;
    functions: { work: { eventSources: Record<string, unknown>[] } };
  };
  assert.deepEqual(queues, { jobs: {} });
  assert.deepEqual(functions.work.eventSources, [
    {
      queue: 'jobs',
      batchSize: 5,
      maximumBatchingWindowInSeconds: 1,
      scalingConfig: { maximumConcurrency: 2 },
    },
  ]);
  const { output: listed } = await runCommand(['mapping', 'list', '--endpoint', server.endpoint]);
  assert.match(listed, /^[0-9a-f-]{36}\tjobs\twork\tEnabled\t-\n$/);
});
