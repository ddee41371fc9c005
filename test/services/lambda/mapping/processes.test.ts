import { unlimited } from '../../../support/unlimited.ts';
import { Targets } from '../../../../src/aws/targets.ts';
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import { openKinesis } from '../../../../src/services/kinesis/kinesis.ts';
import { openLambda } from '../../../../src/services/lambda/lambda.ts';
import { openLogs } from '../../../../src/services/logs/logs.ts';
import { MetricRegistry } from '../../../../src/metrics.ts';
import type { CallContext } from '../../../../src/protocol/service.ts';
import { systemClock } from '../../../../src/support/clock.ts';
import { unfenced } from '../../../../src/support/fence.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { applyDeclared } from '../../../support/declarations.ts';
import { FakeStore } from '../../../support/fake-store.ts';
import { noQueues } from '../../../support/no-queues.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';
import { until } from '../../../support/until.ts';

const common = { clock: systemClock, log: silentLog, region: 'us-east-1', accountId: '000000000000' };

/** Appends a line with the texts of each batch to the file SEEN. */
const recorder = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
const seen = process.env.SEEN ?? '';
export async function handler(event, context) {
  const texts = event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
  appendFileSync(seen, JSON.stringify({ shard: event.Records[0].eventID.split(':')[0], texts }) + '\\n');
  await trouble(texts);
}
function once(name) {
  if (existsSync(seen + name)) return false;
  writeFileSync(seen + name, '');
  return true;
}
async function trouble(texts) {
  if (texts.includes('throw') && once('throw')) throw new Error('not yet');
  if (texts.includes('exit') && once('exit')) process.exit(3);
  if (texts.includes('hang') && once('hang')) await new Promise(() => setInterval(() => {}, 1000));
}
`;

/** Streams and functions as they are, in a folder that survives `restart`. */
async function setup(t: TestContext) {
  const folder = await temporaryFolder();
  const code = join(folder, 'program');
  await mkdir(code);
  await writeFile(join(code, 'recorder.mjs'), recorder);
  const seenPath = join(folder, 'seen');
  await writeFile(seenPath, '');
  const open = async () => {
    const engine = await openEmbeddedEngine({ folder: join(folder, 'engine'), ...common });
    const metrics = new MetricRegistry();
    const kinesis = await openKinesis({ acting: unlimited, engine, metrics, folder, ...common });
    const logs = await openLogs({
      folder: join(folder, 'functions', 'logs'),
      engine,
      fence: unfenced,
      metrics,
      ...common,
    });
    const lambda = await openLambda({
      logs: logs.store,
      engine,
      metrics,
      streams: kinesis.source,
      queues: noQueues,
      acting: unlimited,
      targets: new Targets(unlimited),
      store: new FakeStore(0),
      folder: join(folder, 'functions'),
      endpoint: () => 'http://127.0.0.1:1',
      // Its function writes where the test reads.
      isolation: 'off',
      ...common,
    });
    lambda.declareFunction({
      name: 'recorder',
      path: join(code, 'recorder.mjs'),
      handler: 'handler',
      timeoutSeconds: 3,
      environment: { SEEN: seenPath },
    });
    lambda.start();
    return { engine, kinesis, lambda, logs };
  };
  let opened = await open();
  const close = async () => {
    await opened.lambda.close();
    await opened.logs.close();
    await opened.kinesis.close();
    await opened.engine.close();
  };
  t.after(async () => {
    await close();
    await rm(folder, { recursive: true });
  });
  return {
    get mappings() {
      return opened.lambda.mappings;
    },
    async create(shardCount: number, more: object = {}): Promise<void> {
      await applyDeclared(opened.kinesis.declarer, { streams: { s: { shardCount } } });
      await opened.lambda.mappings.declare({
        FunctionName: 'recorder',
        EventSourceArn: 's',
        StartingPosition: 'TRIM_HORIZON',
        ...more,
      });
    },
    async put(...texts: string[]): Promise<void> {
      const operation = opened.kinesis.service.operation('PutRecords');
      assert.ok(typeof operation === 'function');
      const Records = texts.map((text) => ({ Data: Buffer.from(text), PartitionKey: text }));
      const { signal } = new AbortController();
      const call = { requestId: 'r', invocationId: undefined, signal, ...common };
      // The dispatcher's part is played: this is what it would give, and the operation does not ask for the request.
      await operation({ StreamName: 's', Records } as never, call as unknown as CallContext);
    },
    async seen(): Promise<{ readonly shard: string; readonly texts: readonly string[] }[]> {
      const lines = (await readFile(seenPath, 'utf8')).split('\n').filter((line) => line !== '');
      // The handler above wrote them.
      return lines.map((line) => JSON.parse(line) as { shard: string; texts: string[] });
    },
    async restart() {
      await close();
      opened = await open();
    },
  };
}

async function untilSeen(
  parts: Awaited<ReturnType<typeof setup>>,
  enough: (texts: readonly string[]) => boolean,
): Promise<string[]> {
  return await until(
    async () => {
      const texts = (await parts.seen()).flatMap((batch) => batch.texts);
      return enough(texts) && texts;
    },
    { what: enough.toString(), withinMs: 60_000, pauseMs: 20 },
  );
}

describe('a mapping to a function in a process', () => {
  test('delivers 100 records through 4 shards, each once, across a restart', async (t) => {
    const parts = await setup(t);
    await parts.create(4, { BatchSize: 5 });
    const all = Array.from({ length: 100 }, (_, index) => `${index}`);
    await parts.put(...all.slice(0, 50));
    await untilSeen(parts, (texts) => texts.length >= 20);
    await parts.restart();
    await parts.put(...all.slice(50));
    const texts = await untilSeen(parts, (seen) => new Set(seen).size === 100);
    assert.ok(texts.length <= 100 + 4 * 5, 'at most what was under way comes again');
    const perShard = Map.groupBy(await parts.seen(), ({ shard }) => shard);
    for (const batches of perShard.values()) {
      const order = [...new Set(batches.flatMap((batch) => batch.texts))].map(Number);
      assert.deepEqual(
        order,
        order.toSorted((left, right) => left - right),
      );
    }
  });

  for (const trouble of ['throw', 'exit', 'hang']) {
    test(`retries a batch when a handler did ${trouble}`, async (t) => {
      const parts = await setup(t);
      await parts.create(1, { BatchSize: 2 });
      await parts.put('a', trouble, 'b');
      await untilSeen(parts, (texts) => texts.includes('b'));
      const batches = (await parts.seen()).map(({ texts }) => texts.join());
      assert.deepEqual(batches, [`a,${trouble}`, `a,${trouble}`, 'b']);
      const [mapping] = parts.mappings.list({}).EventSourceMappings;
      assert.ok(mapping !== undefined);
      await until(() => parts.mappings.get(mapping.UUID ?? '').LastProcessingResult === 'OK');
    });
  }
});
