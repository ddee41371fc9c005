import { Acting } from '../src/auth/authorization/acting.ts';
import { createAdmission } from '../src/auth/admission.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import {
  CreateStreamCommand,
  KinesisClient,
  ListShardsCommand,
  type ListShardsOutput,
  PutRecordsCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { openEmbeddedEngine } from '../src/engine/embedded/open.ts';
import { listen } from '../src/http/server.ts';
import { openKinesis } from '../src/services/kinesis/kinesis.ts';
import { MetricRegistry } from '../src/metrics.ts';
import { createDispatcher } from '../src/protocol/dispatch.ts';
import { systemClock as clock } from '../src/support/clock.ts';
import { silentLog as log } from '../src/support/log.ts';

const admit = createAdmission({ host: '127.0.0.1', allowedHosts: [], corsOrigins: [] });

/**
 * A stream of very many shards: how long each operation takes, and for how long at most nothing else could be done
 * (the client's own work in the same process included). `node bench/shards.ts --shards 10000`
 */
const { values } = parseArgs({ options: { shards: { type: 'string', default: '10000' } } });
const shards = Number(values.shards);
const region = 'us-east-1';
const accountId = '000000000000';
const StreamName = 'many';

const folder = await mkdtemp(join(tmpdir(), 'nagare-shards-'));
const metrics = new MetricRegistry();
const engine = await openEmbeddedEngine({ folder: join(folder, 'engine'), clock, log });
const kinesis = await openKinesis({
  acting: new Acting({ isLimited: false }),
  engine,
  clock,
  metrics,
  log,
  region,
  accountId,
  folder,
});
const handler = createDispatcher({ admit, services: [kinesis.service], region, accountId, log, clock });
const server = await listen({ host: '127.0.0.1', port: 0, handler, log });
const client = new KinesisClient({
  endpoint: `http://127.0.0.1:${server.port}`,
  region,
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});

async function timed(what: string, work: () => Promise<void>): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const beganMs = performance.now();
  await work();
  const tookMs = performance.now() - beganMs;
  delays.disable();
  const blockedMs = delays.max / 1e6;
  process.stdout.write(
    `${what.padEnd(32)} ${tookMs.toFixed(0).padStart(6)} ms, blocked ${blockedMs.toFixed(0)} ms\n`,
  );
}

async function put(): Promise<void> {
  const Records = Array.from({ length: 500 }, () => ({
    PartitionKey: Math.random().toString(36),
    Data: Buffer.alloc(100),
  }));
  await client.send(new PutRecordsCommand({ StreamName, Records }));
}

async function list(): Promise<void> {
  let next: string | undefined;
  do {
    const answer: ListShardsOutput = await client.send(
      new ListShardsCommand(next === undefined ? { StreamName } : { NextToken: next }),
    );
    next = answer.NextToken;
  } while (next !== undefined);
}

async function resize(TargetShardCount: number): Promise<void> {
  await client.send(
    new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }),
  );
}

try {
  await timed(`create ${shards}`, async () => {
    await client.send(new CreateStreamCommand({ StreamName, ShardCount: shards }));
  });
  await timed('list all', list);
  for (let calls = 0; calls < 10; calls++) await put();
  await timed('put 500 records', put);
  await timed(`to ${shards / 2} shards`, () => resize(shards / 2));
  await timed(`to ${shards} shards`, () => resize(shards));
  await timed(`to ${shards - 1} shards`, () => resize(shards - 1));
  await timed('put 500 records', put);
} finally {
  client.destroy();
  await server.close();
  await kinesis.close();
  await engine.close();
  await rm(folder, { recursive: true, force: true });
}
