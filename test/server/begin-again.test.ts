import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { SETTINGS } from '../engine/shared/snapshots/cluster.ts';
import { MemoryObjects } from '../engine/shared/snapshots/memory-objects.ts';
import { until } from '../support/until.ts';
import {
  closeMachines,
  command,
  healthOf,
  type Machine,
  masterKeyFile,
  sendCommand,
  startMachine,
  untilServing,
} from './machines.ts';

after(closeMachines);

test('an owner that was cut off for longer than the log is kept begins again with a snapshot, and owns it later', async () => {
  const [store, objects, key] = [new MemoryStore(), new MemoryObjects(), await masterKeyFile()];
  const settings = { ...SETTINGS, keptMin: 1, partBytes: 1_000_000 };
  const start = () =>
    startMachine(
      store,
      key,
      {},
      {
        openSnapshots: () => Promise.resolve({ objects: objects.open(), prefix: '', settings }),
      },
    );
  const first = await start();
  await untilServing(first);
  const second = await start();
  await first.kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await put(first, 'a');
  first.cutOff();
  await command(second, 'promote');
  await untilServing(second);
  const { next: left } = store;
  await put(second, 'b');
  while (store.first <= left) {
    await put(second, 'more');
    assert.equal((await sendCommand(second, '/_nagare/cluster', 'snapshot')).status, 200);
    await until(async () => (await healthOf(second)).cluster?.snapshots?.writing === false);
  }
  const lost = first.server.lost.then(() => 'lost');
  first.reconnect();
  await until(async () => {
    const { cluster } = await healthOf(first);
    return cluster?.role === 'standby' && cluster.owner === second.server.endpoint && cluster.lag === 0;
  });
  await put(first, 'forwarded');
  await command(first, 'promote');
  await untilServing(first);
  await put(first, 'c');
  const records = (await recordsAt(first)).filter((text) => text !== 'more');
  assert.deepEqual(records, ['a', 'b', 'forwarded', 'c']);
  assert.equal(await Promise.race([lost, Promise.resolve('running')]), 'running');
});

async function put({ kinesis }: Machine, text: string): Promise<void> {
  await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'p', Data: Buffer.from(text) }));
}

async function recordsAt({ kinesis }: Machine): Promise<string[]> {
  const from = {
    StreamName: 's',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  } as const;
  const { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(from));
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}
