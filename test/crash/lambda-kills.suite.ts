/**
 * kill -9 again and again of a server whose functions aggregate a stream in tumbling windows and are invoked
 * asynchronously. Each acknowledged record is in the final state of one window, and in no other; each acknowledged
 * invocation has run, and its record reached its destination. Repeat a failed run with its SEED; KILLS is their number.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { runSeed, seededRandom } from '../support/random.ts';
import { clientOptions, spawnServer, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['KILLS'] ?? 8);
const RECORDS_PER_PUT = 10;
const AT_ONCE = 3;

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

const configuration = `
streams:
  s: { shardCount: 2 }
functions:
  aggregate:
    path: aggregate.mjs
    eventSources:
      - { stream: s, batchSize: 5, tumblingWindowInSeconds: 1 }
  succeed:
    path: succeed.mjs
    eventInvokeConfig: { onSuccess: '${functionArn('record')}' }
  fail:
    path: fail.mjs
    eventInvokeConfig: { maximumRetryAttempts: 0, onFailure: '${functionArn('record')}' }
  record:
    path: record.mjs
`;

/** The functions write what they see into files, a line each. */
function sources(folder: string): Record<string, string> {
  const note = (file: string, line: string) =>
    `appendFileSync(${JSON.stringify(join(folder, file))}, JSON.stringify(${line}) + '\\n');`;
  const begin = "import { appendFileSync } from 'node:fs';\nexport const handler = async (event) => {";
  return {
    'aggregate.mjs': `${begin}
      const texts = event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
      const seen = [...(event.state.seen ?? []), ...texts];
      ${note('batches', 'texts.length')}
      if (event.isFinalInvokeForWindow) {
        ${note('finals', '{ shard: event.shardId, start: event.window.start, seen }')}
      }
      return { state: { seen } };
    };`,
    'succeed.mjs': `${begin} ${note('runs', 'event.id')} return event.id; };`,
    'fail.mjs': `${begin} ${note('runs', 'event.id')} throw new Error('no'); };`,
    'record.mjs': `${begin} ${note('records', '[event.requestPayload.id, event.requestContext.condition]')} };`,
  };
}

test(`${kills} times kill -9 while functions aggregate windows and run asynchronously: nothing is lost or counted twice`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'nagare.yaml'), configuration);
  for (const [file, source] of Object.entries(sources(folder))) await writeFile(join(folder, file), source);
  const lines = async <Line>(file: string): Promise<Line[]> => {
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    // A killed function may leave part of a line.
    return text.split('\n').flatMap((line) => parsed<Line>(line));
  };
  await using server = await spawnServer({ cwd: folder, args: ['--function-isolation', 'off'] });
  const acknowledged = { records: new Set<string>(), invocations: new Map<string, string>() };
  let next = 0;
  for (let life = 0; life <= kills; life++) {
    if (life > 0) await server.start();
    const stop = new AbortController();
    const working = Promise.all(Array.from({ length: AT_ONCE }, () => work(stop.signal)));
    // Batches are under way when it is killed, also where functions start slowly.
    const before = (await lines('batches')).length;
    const enough = acknowledged.records.size + RECORDS_PER_PUT;
    await until(async () => acknowledged.records.size >= enough && (await lines('batches')).length > before, {
      withinMs: 60_000,
    });
    await sleep(random() * 600);
    stop.abort();
    if (life < kills) await server.kill();
    await working;
  }

  async function work(signal: AbortSignal): Promise<void> {
    const options = { ...clientOptions(server.endpoint), maxAttempts: 1 };
    const kinesis = new KinesisClient(options);
    const lambda = new LambdaClient(options);
    while (!signal.aborted) {
      const ids = Array.from({ length: RECORDS_PER_PUT }, () => `r${next++}`);
      const Records = ids.map((id) => ({ Data: Buffer.from(id), PartitionKey: id }));
      const id = `i${next++}`;
      const isFailing = random() < 0.5;
      const FunctionName = isFailing ? 'fail' : 'succeed';
      const Payload = JSON.stringify({ id });
      try {
        await kinesis.send(new PutRecordsCommand({ StreamName: 's', Records }));
        for (const one of ids) acknowledged.records.add(one);
        await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
        acknowledged.invocations.set(id, isFailing ? 'RetriesExhausted' : 'Success');
      } catch {
        // The server was killed: it has acknowledged nothing.
      }
      await sleep(10);
    }
    kinesis.destroy();
    lambda.destroy();
  }

  const finals = async () => {
    interface Final {
      readonly shard: string;
      readonly start: string;
      readonly seen: readonly string[];
    }
    // A final invocation that a kill interrupted is made again, with the same state.
    const distinct = new Set((await lines<Final>('finals')).map((final) => JSON.stringify(final)));
    return Array.from(distinct, (final) => JSON.parse(final) as Final);
  };
  await until(
    async () => {
      const seen = new Set((await finals()).flatMap((final) => final.seen));
      const ran = new Set(await lines<string>('runs'));
      const recorded = new Map(await lines<[string, string]>('records'));
      return (
        [...acknowledged.records].every((id) => seen.has(id)) &&
        [...acknowledged.invocations].every(
          ([id, condition]) => ran.has(id) && recorded.get(id) === condition,
        )
      );
    },
    { withinMs: 120_000, what: 'all that was acknowledged is processed' },
  );
  const counts = new Map<string, number>();
  for (const { seen } of await finals()) for (const id of seen) counts.set(id, (counts.get(id) ?? 0) + 1);
  assert.deepEqual(
    [...counts].filter(([, count]) => count !== 1),
    [],
  );
  assert(acknowledged.records.size > kills * RECORDS_PER_PUT, `${acknowledged.records.size} records`);
  t.diagnostic(
    `${acknowledged.records.size} records, ${acknowledged.invocations.size} invocations, ${(await finals()).length} windows`,
  );
});

function parsed<Line>(line: string): Line[] {
  try {
    return [JSON.parse(line) as Line]; // what a function of this test wrote
  } catch {
    return [];
  }
}
