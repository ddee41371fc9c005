import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { runCommand } from '../../support/command.ts';
import { clientOptions, spawnServer, temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';

interface Mapping {
  readonly UUID: string;
  readonly LastProcessingResult: string;
}

// LastProcessingResult is that of the last attempt in any shard, so the report called a mapping well whose poison record
// blocked a shard, as long as records of another shard were processed.
test('the report of a stream names a blocked shard while the last result, of another shard, is OK', async (t) => {
  const cwd = await temporaryFolder();
  await writeFile(
    join(cwd, 'picky.mjs'),
    `export const handler = async ({ Records }) => {
       if (Records.some(({ kinesis }) => kinesis.data === 'YmFk')) throw new Error('bad');
     };`,
  );
  await writeFile(
    join(cwd, 'nagare.yaml'),
    'streams:\n  s: { shardCount: 2 }\nfunctions:\n  picky:\n    path: picky.mjs\n    eventSources: [{ stream: s, batchSize: 1 }]\n',
  );
  const server = await spawnServer({ cwd, args: ['--function-isolation', 'off'] });
  t.after(() => server.close());
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  t.after(() => kinesis.destroy());
  const put = (text: string, ExplicitHashKey: string) =>
    kinesis.send(
      new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from(text), ExplicitHashKey }),
    );
  const nagare = async (...args: string[]) =>
    JSON.parse((await runCommand([...args, '--json', '--endpoint-url', server.endpoint])).output) as unknown;
  const step = async () => {
    const { Steps: steps } = (await nagare('stream', 'report', 's')) as {
      Steps: { step: string; state: string; says: string; remedy?: string }[];
    };
    return (
      steps.find((one) => one.step === 'function picky') ?? assert.fail('the function is not in the report')
    );
  };
  await put('bad', '0');
  await until(async () => (await step()).says.includes('blocked: shardId-000000000000'));
  const mapping = await until(async () => {
    // After each, until the last attempt was one of the other shard.
    await put('good', String(2n ** 128n - 1n));
    const [one] = (await nagare('mapping', 'list')) as Mapping[];
    return one?.LastProcessingResult === 'OK' && one;
  });
  const { state, says, remedy } = await step();
  assert.equal(state, 'problem');
  assert.match(says, /blocked: shardId-000000000000$/);
  assert.equal(remedy, `nagare mapping info ${mapping.UUID}`);
});
