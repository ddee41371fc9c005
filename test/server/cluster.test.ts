import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { afterEach, describe, it } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { signedFor } from '../support/admission.ts';
import { until } from '../support/until.ts';
import {
  closeMachines,
  command,
  sendCommand,
  healthOf,
  type Machine,
  masterKeyFile,
  startMachine,
  untilServing,
} from './machines.ts';

async function metricsOf({ server }: Machine): Promise<string> {
  return (await fetch(`${server.endpoint}/metrics`)).text();
}

async function put({ kinesis }: Machine, text: string): Promise<string | undefined> {
  const { SequenceNumber } = await kinesis.send(
    new PutRecordCommand({ StreamName: 's', PartitionKey: 'p', Data: Buffer.from(text) }),
  );
  return SequenceNumber;
}

async function recordsAt(machine: Machine): Promise<string[]> {
  const ShardIterator = await iteratorAt(machine);
  const { Records = [] } = await machine.kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

async function iteratorAt({ kinesis }: Machine): Promise<string | undefined> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 's',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  return ShardIterator;
}

/** Asks for records, and reads nothing of the response but its head. */
async function unreadRecords(machine: Machine): Promise<ClientRequest> {
  const { endpoint } = machine.server;
  const body = JSON.stringify({ ShardIterator: await iteratorAt(machine) });
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Kinesis_20131202.GetRecords',
  };
  const sent = request(endpoint, {
    method: 'POST',
    agent: false,
    headers: { ...signedFor('kinesis'), ...headers },
  });
  sent.on('error', () => undefined);
  sent.end(body);
  await once(sent, 'response');
  return sent;
}

describe('servers that share a log', () => {
  afterEach(closeMachines);

  it('serve one at a time: another goes on with everything when the owner is cut off, and again when that one leaves', async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    const first = await startMachine(store, key);
    await untilServing(first);
    await first.kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await put(first, 'a');
    const second = await startMachine(store, key);
    await until(async () => (await healthOf(second)).cluster?.owner === first.server.endpoint);
    assert.equal((await healthOf(second)).cluster?.role, 'standby');

    first.cutOff();
    await untilServing(second);
    await put(second, 'b');
    first.reconnect();
    await until(async () => (await healthOf(first)).cluster?.owner === second.server.endpoint);
    assert.deepEqual(await recordsAt(second), ['a', 'b']);
    // The first one passes requests on to the owner, unless another machine has passed them on to it.
    assert.deepEqual(await recordsAt(first), ['a', 'b']);
    const metrics = await metricsOf(first);
    assert.match(metrics, /^nagare_cluster_owner 0$/m);
    assert.match(metrics, /^nagare_cluster_term 2$/m);
    assert.match(metrics, /^nagare_cluster_takeovers_total 1$/m);
    assert.match(metrics, /^nagare_cluster_forwarded_requests_total 2$/m);
    assert.match(await metricsOf(second), /^nagare_cluster_serving 1$/m);
    const misdirected = await fetch(first.server.endpoint, {
      method: 'POST',
      body: '{}',
      headers: { 'x-nagare-forwarded': '1' },
    });
    assert.equal(misdirected.status, 421);

    // A request at the first one waits while nobody serves.
    const leaving = second.server.close();
    await until(async () => (await healthOf(first)).cluster?.owner !== second.server.endpoint);
    assert.equal(typeof (await put(first, 'c')), 'string');
    await leaving;
    assert.deepEqual(await recordsAt(first), ['a', 'b', 'c']);
  });

  it('do not answer what may be old: an owner that is cut off from the log waits until it knows', async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    const first = await startMachine(store, key);
    await untilServing(first);
    await first.kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    await put(first, 'a');
    const second = await startMachine(store, key);
    await until(async () => (await healthOf(second)).cluster?.owner === first.server.endpoint);
    first.cutOff();
    await untilServing(second);
    await put(second, 'b');
    const { cluster } = await healthOf(first);
    assert.deepEqual([cluster?.role, cluster?.serving], ['owner', false]);
    const records = recordsAt(first);
    await until(async () => ((await healthOf(first)).cluster?.waiting ?? 0) > 0);
    first.reconnect();
    assert.deepEqual(await records, ['a', 'b']);
  });

  it('answer about their own clock, and let only the owner make backups', async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    const first = await startMachine(store, key);
    await untilServing(first);
    const second = await startMachine(store, key);
    await until(async () => (await healthOf(second)).cluster?.owner === first.server.endpoint);
    assert.equal((await sendCommand(second, '/_nagare/clock', 'clock-accept')).status, 200);
    const refused = await sendCommand(second, '/_nagare/backup', 'backup');
    assert.equal(refused.status, 409);
    assert.match(await refused.text(), new RegExp(`${first.server.endpoint} is the owner`));
    assert.match(await metricsOf(second), /^nagare_cluster_forwarded_requests_total 0$/m);
  });

  it('hand over at once when they stop, whatever their clients do not read', async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    const first = await startMachine(store, key);
    await untilServing(first);
    await first.kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    for (let i = 0; i < 9; i++) await put(first, 'x'.repeat(1_000_000));
    const second = await startMachine(store, key);
    await until(async () => (await healthOf(second)).cluster?.owner === first.server.endpoint);
    const unread = await unreadRecords(first);
    let isClosed = false;
    const closing = first.server.close().then(() => (isClosed = true));
    await untilServing(second);
    await put(second, 'y');
    assert.equal(isClosed, false);
    unread.destroy();
    await closing;
  });

  it('promote and demote by command', async () => {
    const store = new MemoryStore();
    const key = await masterKeyFile();
    const first = await startMachine(store, key);
    await untilServing(first);
    const second = await startMachine(store, key);
    await until(async () => (await healthOf(second)).cluster?.term === 1);
    await command(second, 'promote');
    await untilServing(second);
    await until(async () => (await healthOf(first)).cluster?.role === 'standby');
    await command(second, 'demote');
    await untilServing(first);
  });
});
