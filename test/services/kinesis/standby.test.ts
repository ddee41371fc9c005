import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DeregisterStreamConsumerCommand,
  DescribeStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  IncreaseStreamRetentionPeriodCommand,
  KinesisClient,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  StartStreamEncryptionCommand,
} from '@aws-sdk/client-kinesis';
import { ResourcePolicies } from '../../../src/aws/resource-policies.ts';
import { TaggedResources } from '../../../src/aws/tagged-resources.ts';
import type { Config } from '../../../src/config.ts';
import { diskOf, openStore } from '../../../src/engine/embedded/open.ts';
import { readOnly } from '../../../src/engine/read-only-engine.ts';
import { listen } from '../../../src/http/server.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { createDispatcher } from '../../../src/protocol/dispatch.ts';
import type { Service } from '../../../src/protocol/service.ts';
import { openKinesis } from '../../../src/services/kinesis/kinesis.ts';
import { openAtStandby } from '../../../src/services/kinesis/standby.ts';
import type { StandbyContext } from '../../../src/services/registration.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { Random } from '../../engine/simulation/random.ts';
import { admit } from '../../support/admission.ts';
import { clientOptions } from '../../support/client.ts';
import { testConfig } from '../../support/server.ts';
import { removeFolder, temporaryFolder } from '../../support/temporary-folder.ts';
import { unlimited } from '../../support/unlimited.ts';
import { SHARD_0, SHARD_1 } from './support/streams.ts';
import { register, subscribe } from './support/subscriptions.ts';

const HOUR_MS = 3_600_000;
const common = { region: 'us-east-1', accountId: '000000000000', log: silentLog };

/** Kinesis of an owner, and of a standby that has everything that the owner has committed. */
async function both(context: TestContext, settings: Partial<Config> = {}) {
  const folder = await temporaryFolder();
  context.after(() => removeFolder(folder));
  const clock = new ManualClock(Date.now());
  const config = testConfig(folder, { masterKey: randomBytes(32).toString('base64'), ...settings });
  const options = { folder: join(folder, 'engine'), clock, log: silentLog };
  const { engine, watch } = await openStore(await diskOf(options), options, undefined);
  context.after(() => engine.close());
  const given = { ...common, clock, metrics: new MetricRegistry(), acting: unlimited };
  const owner = await openKinesis({ ...given, ...config, engine, folder: config.dataDir });
  context.after(() => owner.close());
  const standby = await openAtStandby({
    ...given,
    config,
    engine: readOnly(engine),
    watch,
    resourcePolicies: new ResourcePolicies(),
    taggedResources: new TaggedResources(),
  } as Partial<StandbyContext> as StandbyContext);
  context.after(() => standby.close?.());
  const clientOf = async (service: Service | undefined): Promise<KinesisClient> => {
    const services = service === undefined ? [] : [service];
    const handler = createDispatcher({ ...common, admit, services, clock });
    const server = await listen({ host: '127.0.0.1', port: 0, handler, log: silentLog });
    const endpoint = `http://127.0.0.1:${server.port}`;
    const client = new KinesisClient({ ...clientOptions(endpoint), maxAttempts: 1 });
    context.after(async () => {
      client.destroy();
      await server.close();
    });
    return client;
  };
  return {
    clock,
    sweep: () => owner.sweep(),
    owner: await clientOf(owner.service),
    standby: await clientOf(standby.service),
  };
}

async function put(client: KinesisClient, text: string): Promise<void> {
  await client.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'p', Data: Buffer.from(text) }));
}

async function texts(client: KinesisClient): Promise<string[]> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: 's',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

test('a standby returns no expired record, whether or not the owner has trimmed it; encrypted ones are opened', async (context) => {
  const { owner, standby, clock, sweep } = await both(context);
  await owner.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await put(owner, 'a');
  assert.deepEqual(await texts(standby), ['a']);
  clock.advance(25 * HOUR_MS);
  assert.deepEqual(await texts(standby), []);
  await owner.send(
    new StartStreamEncryptionCommand({ StreamName: 's', EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' }),
  );
  await put(owner, 'b');
  assert.deepEqual(await texts(standby), ['b']);
  await sweep();
  assert.deepEqual(await texts(standby), ['b']);
});

test('a standby pushes what the owner stores; what has changed there ends a subscription in order', async (context) => {
  const { owner, standby } = await both(context);
  await owner.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const all = { Type: 'TRIM_HORIZON' } as const;
  const [one, other, last] = await Promise.all(['a', 'b', 'c'].map((name) => register(owner, name, 's')));
  assert(one !== undefined && other !== undefined && last !== undefined);
  const replaced = await subscribe(standby, one, all);
  await put(owner, 'a');
  assert.deepEqual(await replaced.records(1), ['a']);
  // A refusal would be left to the owner, which would open a second one.
  const present = await subscribe(standby, one, all);
  await assert.rejects(replaced.next(), { name: 'ResourceInUseException' });
  assert.deepEqual(await present.records(1), ['a']);
  await put(owner, 'b');
  assert.deepEqual(await present.records(1), ['b']);
  await assert.rejects(subscribe(standby, other, { Type: 'LATEST' }), { name: 'ServiceUnavailable' });

  const NewStartingHashKey = (2n ** 127n).toString();
  await owner.send(new SplitShardCommand({ StreamName: 's', ShardToSplit: SHARD_0, NewStartingHashKey }));
  assert.equal((await present.next())?.ChildShards?.length, 2);
  assert.equal(await present.next(), undefined);

  const deregistered = await subscribe(standby, other, all, SHARD_1);
  const deleted = await subscribe(standby, last, all, SHARD_1);
  for (const begun of [deregistered, deleted]) assert.equal((await begun.next())?.Records?.length, 0);
  await owner.send(new DeregisterStreamConsumerCommand({ ConsumerARN: other }));
  assert.equal(await deregistered.next(), undefined);
  await owner.send(new DeleteStreamCommand({ StreamName: 's', EnforceConsumerDeletion: true }));
  assert.equal(await deleted.next(), undefined);
});

test('a standby has limits of its own, and refuses what only the owner does', async (context) => {
  const { owner, standby, clock } = await both(context, { limits: { shardReadCallsPerSecond: 2 } });
  await owner.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  await put(owner, 'a');
  for (const client of [owner, standby]) {
    assert.deepEqual([await texts(client), await texts(client)], [['a'], ['a']]);
    await assert.rejects(texts(client), { name: 'ProvisionedThroughputExceededException' });
  }
  clock.advance(1000);
  assert.deepEqual(await texts(standby), ['a']);
  await assert.rejects(put(standby, 'b'), { name: 'UnsupportedOperationException' });
});

test('a standby describes streams as the owner does after each change', async (context) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  context.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const { owner, standby } = await both(context);
  const names = ['a', 'b', 'c'] as const;
  const open = async (StreamName: string) => {
    const { Shards = [] } = await owner.send(
      new ListShardsCommand({ StreamName, ShardFilter: { Type: 'AT_LATEST' } }),
    );
    return Shards;
  };
  const changes = [
    (StreamName: string) =>
      owner.send(new CreateStreamCommand({ StreamName, ShardCount: 1 + random.below(3) })),
    (StreamName: string) =>
      owner.send(new DeleteStreamCommand({ StreamName, EnforceConsumerDeletion: true })),
    (StreamName: string) =>
      owner.send(new AddTagsToStreamCommand({ StreamName, Tags: { n: String(random.below(1000)) } })),
    (StreamName: string) =>
      owner.send(
        new IncreaseStreamRetentionPeriodCommand({
          StreamName,
          RetentionPeriodHours: 24 + random.below(100),
        }),
      ),
    async (StreamName: string) => {
      const { HashKeyRange: { StartingHashKey = '', EndingHashKey = '' } = {}, ShardId } = random.pick(
        await open(StreamName),
      );
      const NewStartingHashKey = ((BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n + 1n).toString();
      await owner.send(new SplitShardCommand({ StreamName, ShardToSplit: ShardId, NewStartingHashKey }));
    },
    async (StreamName: string) => {
      const [first, second] = (await open(StreamName)).toSorted((one, other) =>
        BigInt(one.HashKeyRange?.StartingHashKey ?? 0) < BigInt(other.HashKeyRange?.StartingHashKey ?? 0)
          ? -1
          : 1,
      );
      await owner.send(
        new MergeShardsCommand({
          StreamName,
          ShardToMerge: first?.ShardId,
          AdjacentShardToMerge: second?.ShardId,
        }),
      );
    },
    async (StreamName: string) => {
      const { StreamDescription } = await owner.send(new DescribeStreamCommand({ StreamName }));
      const ConsumerName = `c${random.below(100)}`;
      await owner.send(
        new RegisterStreamConsumerCommand({ StreamARN: StreamDescription?.StreamARN, ConsumerName }),
      );
    },
  ] as const;
  for (let change = 0; change < 50; change++) {
    const name = random.pick(names);
    await random
      .pick(changes)(name)
      .catch((error: unknown) => assert.equal((error as { $fault?: string }).$fault, 'client'));
    assert.deepEqual(await described(standby, name), await described(owner, name), `after change ${change}`);
  }
});

async function described(client: KinesisClient, StreamName: string): Promise<unknown> {
  try {
    const [summary, shards] = await Promise.all([
      client.send(new DescribeStreamSummaryCommand({ StreamName })),
      client.send(new ListShardsCommand({ StreamName })),
    ]);
    return [summary.StreamDescriptionSummary, shards.Shards];
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
}
