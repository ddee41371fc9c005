/** A server whose machine's clock is set while it runs, and while it does not. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
} from '@aws-sdk/client-kinesis';

import { clientOptions } from '../support/client.ts';
import { runCommand } from '../support/command.ts';
import { until } from '../support/until.ts';
import { spawnServer, type ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Moves the wall clock alone, by what a file says when the process is told to look. */
const preload = `
  import { readFileSync } from 'node:fs';
  const { now } = Date;
  let byMs = Number(readFileSync(process.env.TEST_CLOCK_FILE, 'utf8'));
  Date.now = () => now() + byMs;
  process.on('SIGUSR2', () => { byMs = Number(readFileSync(process.env.TEST_CLOCK_FILE, 'utf8')); });
`;

interface Machine {
  readonly server: ServerProcess;
  readonly client: KinesisClient;
  /** Sets the clock; resolves when the server goes by it. */
  setClock(byMs: number): Promise<void>;
}

async function machine(t: TestContext): Promise<Machine> {
  const file = join(await temporaryFolder(), 'by-ms');
  await writeFile(file, '0');
  const server = await spawnServer({
    env: {
      TEST_CLOCK_FILE: file,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(preload)}`,
    },
  });
  t.after(() => server.close());
  const client = new KinesisClient(clientOptions(server.endpoint));
  t.after(() => client.destroy());
  await client.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  return {
    server,
    client,
    async setClock(byMs) {
      await writeFile(file, String(byMs));
      process.kill(server.pid, 'SIGUSR2');
      await until(
        async () => {
          const { headers } = await fetch(`${server.endpoint}/health`);
          const date = Date.parse(headers.get('date') ?? '');
          return Math.abs(date - (Date.now() + byMs)) < MINUTE;
        },
        { what: 'the clock is set' },
      );
    },
  };
}

/** PutRecord under an id of the caller's choice, as an SDK that repeats a call sends it. */
async function put({ server }: Machine, id: string): Promise<string> {
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Kinesis_20131202.PutRecord',
      'amz-sdk-invocation-id': id,
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20261128/us-east-1/kinesis/aws4_request',
    },
    body: JSON.stringify({ StreamName: 's', PartitionKey: 'k', Data: 'YQ==' }),
  });
  assert.equal(answer.status, 200);
  const { SequenceNumber } = (await answer.json()) as { SequenceNumber: string };
  return SequenceNumber;
}

async function recordsIn({ client }: Machine): Promise<number> {
  const shard = { StreamName: 's', ShardId: 'shardId-000000000000' };
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ ...shard, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  const { Records } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records?.length ?? 0;
}

test('a retry is recognized when the clock jumps by a day, and records stay', async (t) => {
  const held = await machine(t);
  const id = crypto.randomUUID();
  const first = await put(held, id);
  for (const byMs of [15 * MINUTE, 30 * HOUR, -3 * HOUR]) {
    await held.setClock(byMs);
    assert.equal(await put(held, id), first);
    assert.equal(await recordsIn(held), 1);
  }
  await held.setClock(30 * HOUR);
  await held.server.kill();
  await held.server.start();
  assert.equal(await put(held, id), first);
  assert.equal(await recordsIn(held), 1);
  await until(
    () => Promise.resolve(held.server.errorOutput.includes('the clock of this machine has jumped')),
    { what: 'the jump is logged' },
  );
});

test('a jump while no server ran is detected, and can be accepted by the command', async (t) => {
  const held = await machine(t);
  await put(held, crypto.randomUUID());
  const { endpoint, dataDir } = held.server;
  const accept = async (): Promise<string> => {
    const { code, output, errors } = await runCommand(['clock', 'accept', '--endpoint', endpoint]);
    assert.equal(code, 0, errors);
    return output;
  };
  assert.equal(await accept(), 'the clock has not jumped\n');
  await held.setClock(30 * HOUR);
  await held.server.stop('SIGTERM');
  await held.server.start();
  assert.equal(await recordsIn(held), 1);
  assert.equal(await accept(), 'accepted a clock jump of 108000 s\n');
  assert.equal(await recordsIn(held), 0);
  await held.server.kill();
  assert.match(await readFile(join(dataDir, 'clock.json'), 'utf8'), /^\{"state":\{"baseMs":/);
  await held.server.start();
  assert.equal(await accept(), 'the clock has not jumped\n');
});
