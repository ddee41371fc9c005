import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { runCommand } from '../support/command.ts';
import { clientOptions, spawnServer, type ServerProcess } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { clusterHealth, startMachines, type Machines } from './machines.ts';

const SETTINGS = [
  ['--snapshots', 's3://snapshots/cluster'],
  ['--snapshots-kept', '1'],
  ['--log-retention-hours', '0'],
];

const RESTORING = ['--shared-log', '--s3-endpoint', '--master-key-file', '--snapshots'];

async function put(machine: ServerProcess, text: string): Promise<void> {
  const kinesis = new KinesisClient({ ...clientOptions(machine.endpoint), maxAttempts: 10 });
  await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'p', Data: Buffer.from(text) }));
  kinesis.destroy();
}

async function recordsAt(machine: ServerProcess): Promise<string[]> {
  const kinesis = new KinesisClient({ ...clientOptions(machine.endpoint), maxAttempts: 10 });
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 's',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  kinesis.destroy();
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

describe('machines with snapshots of their shared log', () => {
  let machines: Machines;

  before(async () => {
    machines = await startMachines({ count: 2, args: SETTINGS.flat() });
  });

  after(() => machines[Symbol.asyncDispose]());

  it('let a new machine take over, after the log was trimmed and all others died', async () => {
    const owner = await machines.owner();
    const [standby] = await machines.standbys();
    assert(standby);
    const kinesis = new KinesisClient(clientOptions(owner.endpoint));
    await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
    kinesis.destroy();
    for (let n = 0; n < 20; n++) await put(owner, `record ${n}`);
    const taken = await runCommand(['cluster', 'snapshot', '--endpoint-url', standby.endpoint]);
    assert.equal(taken.code, 0, taken.errors);
    assert.match(taken.output, /^a snapshot up to position \d+ is complete/);
    await put(owner, 'after it');
    // The owner trims the log when it takes one itself, or at its next look.
    const again = await runCommand(['cluster', 'snapshot', '--endpoint-url', owner.endpoint]);
    assert.equal(again.code, 0, again.errors);
    const { snapshots } = (await clusterHealth(owner)) ?? {};
    assert(snapshots);
    assert.equal(snapshots.logBegin, snapshots.position);
    assert((snapshots.position ?? 0) > 20);
    const status = await runCommand(['cluster', 'status', '--json', '--endpoint-url', owner.endpoint]);
    assert.match(status.output, /"logBegin": ?\d+/);

    const joined = await machines.join();
    const expected = [...Array.from({ length: 20 }, (_, n) => `record ${n}`), 'after it', 'last'];
    await put(joined, 'last');
    await owner.kill();
    await standby.kill();
    await until(async () => (await clusterHealth(joined))?.serving === true);
    assert.deepEqual(await recordsAt(joined), expected);
    const metrics = await (await fetch(`${joined.endpoint}/metrics`)).text();
    assert.match(metrics, /^nagare_cluster_snapshot_age_seconds \d+$/m);
    assert.match(metrics, new RegExp(`^nagare_cluster_log_begin ${snapshots.position}$`, 'm'));
  });

  it('are restored to a time into the folder of a single machine, while the cluster runs', async () => {
    const owner = await machines.owner();
    await put(owner, 'kept');
    const expected = await recordsAt(owner);
    // The times of commits are those of this machine's clock, too.
    const time = new Date(Date.now() + 1).toISOString();
    await until(() => Date.now() > Date.parse(time));
    await put(owner, 'too late');
    const folder = join(await temporaryFolder(), 'restored');
    const kept = machines.flags.filter((_, at, all) => RESTORING.includes(all[at - (at % 2)] ?? ''));
    const command = ['cluster', 'restore', '--to', time, '--data-dir', folder, ...kept];
    const { code, output, errors } = await runCommand(command);
    assert.equal(code, 0, errors);
    assert.match(output, /^restored .* frames after the snapshot/);
    const again = await runCommand(command);
    assert.equal(again.code, 1);
    assert.match(again.errors, /is not empty: name a new folder/);
    const key = machines.flags.indexOf('--master-key-file');
    await using single = await spawnServer({
      args: [
        '--data-dir',
        folder,
        ...machines.flags.slice(key, key + 2),
        '--s3-endpoint',
        machines.store.endpoint,
      ],
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    });
    assert.deepEqual(await recordsAt(single), expected);
    await put(single, 'goes on');
  });
});
