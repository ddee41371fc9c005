import { after, test } from 'node:test';
import { CreateStreamCommand, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { type LoadRecord, STREAM } from '../cluster/load.ts';
import { StandbyFollower } from '../cluster/standby-follower.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { until } from '../support/until.ts';
import { closeMachines, command, healthOf, masterKeyFile, startMachine, untilServing } from './machines.ts';

after(closeMachines);

test('a reader that follows by subscriptions at standbys has each record once, in order, while the ownership moves', async (t) => {
  const store = new MemoryStore();
  const key = await masterKeyFile();
  const options = { takeOverAfterMs: 60_000, readAgeMaxMs: 5000 };
  const first = await startMachine(store, key, {}, options);
  await untilServing(first);
  const second = await startMachine(store, key, {}, options);
  await until(async () => (await healthOf(second)).cluster?.owner === first.server.endpoint);
  await first.kinesis.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  const servers = [first.server, second.server];
  const follower = await StandbyFollower.start(first.server, servers);
  const acknowledged: LoadRecord[] = [];
  for (const owner of [first, second, first]) {
    if (acknowledged.length > 0) await command(owner, 'promote');
    for (let put = 0; put < 20; put++) {
      const n = acknowledged.length;
      const record = { PartitionKey: 'w', Data: Buffer.from(`w ${n}`) };
      const { SequenceNumber = '' } = await owner.kinesis.send(
        new PutRecordCommand({ StreamName: STREAM, ...record }),
      );
      acknowledged.push({ writer: 'w', n, sequenceNumber: SequenceNumber });
    }
  }
  t.diagnostic(await follower.end(acknowledged));
});
