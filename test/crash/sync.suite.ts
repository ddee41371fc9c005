/**
 * The promise on which all others rest, watched from outside: strace shows every system call of a whole server while
 * clients put records and read them. A slow disk is made by delaying its fdatasync.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  KinesisClient,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';

import { clientOptions, spawnServer, temporaryFolder, type ServerProcess } from '../support/server.ts';
import { hasTools } from '../support/tools.ts';
import { call, callWell } from './raw-kinesis.ts';
import { checkSyncOrder } from './sync-order.ts';
import { Tracer, type CallEvent } from './system-calls.ts';

const CONNECTIONS = 8;
const PUTS_EACH = 25;
const SYNC_DELAY_US = 20_000;
const LOAD_MS = 8_000;
/** When nothing has been stored yet, or nothing refused. */
const LOAD_MS_MORE_MAX = 60_000;

test('no put is answered, and no record is read, before the sync that covers it', async (t) => {
  if (!hasTools(t, 'strace')) return;
  await using server = await spawnServer();
  const { endpoint } = server;
  await callWell(endpoint, 'CreateStream', { StreamName: 'traced', ShardCount: 1 });
  const subscriber = await subscribe(endpoint, t);
  const tracer = await traceInto(server, [`fdatasync:delay_enter=${SYNC_DELAY_US}`]);
  const reading = new AbortController();
  const reader = readOnAndOn(endpoint, reading.signal);
  await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, connection) => putOneByOne(endpoint, connection * PUTS_EACH)),
  );
  await subscriber.until(CONNECTIONS * PUTS_EACH);
  reading.abort();
  await reader;
  const { answered, given, syncs } = checkSyncOrder(await tracer.detach());
  t.diagnostic(`${answered} puts answered after ${syncs} syncs, ${given} records given to readers`);
  assert.equal(answered, CONNECTIONS * PUTS_EACH);
  assert.equal(given, CONNECTIONS * PUTS_EACH);
  assert(syncs > 0);
});

test('the order check detects a response and a record that come too early', () => {
  const asked = exit('read', '30<socket:[1]>, "{mark-1}"');
  const written = exit('pwritev', '20</x/1.segment>, [mark-1]');
  const begun = enter('fdatasync', '20</x/1.segment>');
  const synced = exit('fdatasync', '20</x/1.segment>');
  const answer = enter('write', '30<socket:[1]>, "HTTP/1.1 200 OK"');
  const given = enter('write', '31<socket:[2]>, "mark-1"');
  assert.deepEqual(checkSyncOrder([asked, written, begun, synced, answer, given]), {
    answered: 1,
    given: 1,
    syncs: 1,
  });
  assert.throws(() => checkSyncOrder([asked, written, begun, answer, synced]), /answered before/);
  // A sync that began before the write was complete does not cover it.
  assert.throws(() => checkSyncOrder([asked, begun, written, synced, answer]), /answered before/);
  assert.throws(() => checkSyncOrder([asked, written, begun, given, synced, answer]), /given to a reader/);
});

test('on a slow disk latency grows but memory does not: beyond the limit of bytes in flight, puts are refused', async (t) => {
  if (!hasTools(t, 'strace')) return;
  await using server = await spawnServer();
  const { endpoint } = server;
  await callWell(endpoint, 'CreateStream', { StreamName: 'slow', ShardCount: 4 });
  const tracer = await traceInto(server, ['fdatasync:delay_enter=1000000']);
  const before = await anonymousMegabytes(server.pid);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const data = Buffer.alloc(900_000, 'x').toString('base64');
  const Records = Array.from({ length: 10 }, (_, n) => ({ Data: data, PartitionKey: `${n}` }));
  let [highest, stored, refused, slowestMs] = [0, 0, 0, 0];
  const end = performance.now() + LOAD_MS;
  const isOver = (): boolean =>
    performance.now() > (stored > 0 && refused > 0 ? end : end + LOAD_MS_MORE_MAX);
  const writer = async (): Promise<void> => {
    while (!isOver()) {
      const begin = performance.now();
      const { status, body } = await call(endpoint, 'PutRecords', { StreamName: 'slow', Records }, { agent });
      slowestMs = Math.max(slowestMs, performance.now() - begin);
      highest = Math.max(highest, await anonymousMegabytes(server.pid));
      if (status === 200) stored++;
      else {
        assert.equal(status, 503, JSON.stringify(body));
        assert.match(String(body['__type']), /ServiceUnavailable/);
        refused++;
        // As the SDKs do.
        await sleep(100);
      }
    }
  };
  await Promise.all(Array.from({ length: 40 }, writer));
  await tracer.detach();
  t.diagnostic(
    `${stored} stored, ${refused} refused, slowest ${slowestMs.toFixed(0)} ms, ` +
      `RssAnon ${before.toFixed(0)} MB before, at most ${highest.toFixed(0)} MB`,
  );
  assert(stored > 0 && refused > 0, 'some are stored, some refused');
  assert(highest < 900, `${highest} MB`);
  // The disk is quick again: so are puts.
  await callWell(endpoint, 'PutRecords', { StreamName: 'slow', Records });
});

function enter(name: string, text: string): CallEvent {
  return { when: 'enter', name, arguments: text, result: undefined };
}

function exit(name: string, text: string): CallEvent {
  return { when: 'exit', name, arguments: text, result: 0 };
}

async function traceInto(server: ServerProcess, inject: readonly string[]): Promise<Tracer> {
  return await Tracer.attach(server.pid, join(await temporaryFolder(), 'trace'), inject);
}

async function putOneByOne(endpoint: string, from: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let n = from; n < from + PUTS_EACH; n++) {
      const PartitionKey = `mark-${n}`;
      await callWell(endpoint, 'PutRecord', { StreamName: 'traced', PartitionKey, Data: 'eA==' }, agent);
    }
  } finally {
    agent.destroy();
  }
}

/** GetRecords in a loop without a pause: it asks while the sync is under way. */
async function readOnAndOn(endpoint: string, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    const { ShardIterator } = await callWell(
      endpoint,
      'GetShardIterator',
      { StreamName: 'traced', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' },
      agent,
    );
    let iterator = ShardIterator;
    while (!signal.aborted) {
      const { NextShardIterator } = await callWell(
        endpoint,
        'GetRecords',
        { ShardIterator: iterator },
        agent,
      );
      iterator = NextShardIterator;
    }
  } finally {
    agent.destroy();
  }
}

async function subscribe(endpoint: string, t: TestContext): Promise<{ until(count: number): Promise<void> }> {
  const client = new KinesisClient(clientOptions(endpoint));
  const ending = new AbortController();
  t.after(() => {
    ending.abort();
    client.destroy();
  });
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/traced',
      ConsumerName: 'reader',
    }),
  );
  const { EventStream } = await client.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'LATEST' },
    }),
    { abortSignal: ending.signal },
  );
  assert(EventStream !== undefined);
  return {
    async until(count) {
      let seen = 0;
      for await (const { SubscribeToShardEvent } of EventStream) {
        seen += SubscribeToShardEvent?.Records?.length ?? 0;
        if (seen >= count) return;
      }
    },
  };
}

async function anonymousMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
