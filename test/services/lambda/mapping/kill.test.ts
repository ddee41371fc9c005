import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { clientOptions, spawnServer, temporaryFolder } from '../../../support/server.ts';
import { until } from '../../../support/until.ts';

const LIVES = 4;
const PUTS_PER_LIFE = 5;
const RECORDS_PER_PUT = 20;

const settings = `
streams:
  s: { shardCount: 4 }
functions:
  recorder:
    path: recorder.mjs
    eventSources:
      - { stream: s, batchSize: 7 }
`;

const recorder = (seen: string): string => `
import { appendFileSync } from 'node:fs';
export async function handler({ Records }) {
  const lines = Records.map(({ kinesis, eventID }) =>
    eventID.split(':')[0] + ' ' + Buffer.from(kinesis.data, 'base64') + '\\n');
  appendFileSync(${JSON.stringify(seen)}, lines.join(''));
}
`;

test('no acknowledged record is lost for its function when the server is killed repeatedly', async (t) => {
  const cwd = await temporaryFolder();
  const seen = join(cwd, 'seen');
  await writeFile(seen, '');
  await writeFile(join(cwd, 'nagare.yaml'), settings);
  await writeFile(join(cwd, 'recorder.mjs'), recorder(seen));
  await using server = await spawnServer({ cwd, args: ['--function-isolation', 'off'] });
  t.after(() => rm(cwd, { recursive: true }));
  const acknowledged = new Set<string>();

  for (let life = 0; life < LIVES; life++) {
    if (life > 0) await server.start();
    const client = new KinesisClient({ ...clientOptions(server.endpoint), maxAttempts: 1 });
    const puts = Array.from({ length: PUTS_PER_LIFE }, async (_, put) => {
      const texts = Array.from({ length: RECORDS_PER_PUT }, (_, index) => `${life}-${put}-${index}`);
      const Records = texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: text }));
      await client.send(new PutRecordsCommand({ StreamName: 's', Records }));
      for (const text of texts) acknowledged.add(text);
    });
    // In the midst of it: the first put is through, the others and the function are on their way.
    await Promise.any(puts);
    if (life < LIVES - 1) await server.kill();
    await Promise.allSettled(puts);
    client.destroy();
  }

  await until(
    async () => {
      const lines = (await readFile(seen, 'utf8')).split('\n').slice(0, -1);
      const texts = new Set(lines.map((line) => line.slice(line.indexOf(' ') + 1)));
      return [...acknowledged].every((text) => texts.has(text));
    },
    { what: 'a line for each acknowledged record', withinMs: 60_000, pauseMs: 50 },
  );
  assert.ok(acknowledged.size >= LIVES * RECORDS_PER_PUT);
});
