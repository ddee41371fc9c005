/**
 * Takeovers while the owner writes a list log, delivers a stream into an Iceberg table and, by a channel, into objects.
 * The owner is cut off from the shared log at any step, and not from the object store: it may still write there what it
 * had begun, while the new owner goes on. In the end each record is in each of the three once. Repeat a failed run with
 * its SEED.
 */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { CatalogDouble } from '../delivery/iceberg/catalog-double.ts';
import { readTable } from '../delivery/iceberg/world.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { bytesOf, createChannel, objectsIn, ROLE } from '../services/kinesis/support/channels.ts';
import { ARN } from '../services/kinesis/support/streams.ts';
import { clientOptions } from '../support/client.ts';
import { declared } from '../support/declarations.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import {
  closeMachines,
  command,
  healthOf,
  type Machine,
  masterKeyFile,
  startMachine,
  untilServing,
} from './machines.ts';

const CATALOG = 'arn:aws:glue:us-east-1:000000000000:catalog';
const TAKEOVERS = 4;
/** So many questions to the log at most before the owner is cut off. */
const STEPS = 40;
const RECORDS_PER_PUT = 20;

let store: TestServer;
let catalog: CatalogDouble;
let s3: S3Client;
let owner: Machine;
let other: Machine;
let count = 0;

before(async () => {
  [store, catalog] = [await startTestServer(), await CatalogDouble.start()];
  const { endpoint } = store;
  s3 = new S3Client({ ...clientOptions(endpoint), forcePathStyle: true });
  for (const Bucket of ['bucket', 'lake', 'logs', 'errors'])
    await s3.send(new CreateBucketCommand({ Bucket }));
  catalog.location = (name) => `s3://lake/${name}`;
  catalog.create('shop.orders', [{ id: 1, name: 'n', type: 'long', required: true }]);
  const settings = {
    objectStore: {
      endpoint,
      region: 'us-east-1',
      key: { accessKeyId: 'test', secretAccessKey: 'test' },
    },
    declarations: declared({
      streams: { orders: { streamMode: 'ON_DEMAND' } },
      listLogs: { log: { stream: 'orders', bucket: 'logs', key: 'log.txt', format: '{n}' } },
      catalogs: { lake: { arn: CATALOG, url: catalog.url } },
    }),
  };
  const [log, key] = [new MemoryStore(), await masterKeyFile()];
  owner = await startMachine(log, key, settings);
  await untilServing(owner);
  other = await startMachine(log, key, settings);
  await createChannel(owner.kinesis, 'archive');
  await deliverToTable(owner);
});

after(async () => {
  await closeMachines();
  s3.destroy();
  await catalog.close();
  await store.close();
});

it('list logs, tables and channels have each record once after takeovers at any step', async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  for (let n = 0; n < TAKEOVERS; n++) {
    await put();
    const putting = Promise.all([put(), put()]);
    await takeOver(Math.floor(random() * STEPS));
    await putting;
  }
  await put();
  const expected = Array.from({ length: count }, (_, n) => n);
  const targets: Readonly<Record<string, () => Promise<number[]>>> = { listed, inTable, inObjects };
  for (const [what, read] of Object.entries(targets)) {
    await until(async () => (await read()).length >= count, {
      what: `${count} records: ${what}`,
      withinMs: 60_000,
    });
    assert.deepEqual(
      (await read()).toSorted((left, right) => left - right),
      expected,
      what,
    );
  }
});

/** Cuts the owner off after so many steps of whatever it does; the other machine goes on. */
async function takeOver(steps: number): Promise<void> {
  owner.cutOffAfter(steps);
  await owner.untilCutOff();
  await command(other, 'promote');
  await untilServing(other);
  owner.reconnect();
  await until(async () => (await healthOf(owner)).cluster?.role === 'standby');
  [owner, other] = [other, owner];
}

async function put(): Promise<void> {
  const Records = Array.from({ length: RECORDS_PER_PUT }, () => {
    const text = `{"n":${count++}}`;
    return { PartitionKey: text, Data: Buffer.from(text) };
  });
  const { FailedRecordCount } = await owner.kinesis.send(
    new PutRecordsCommand({ StreamName: 'orders', Records }),
  );
  assert.equal(FailedRecordCount, 0);
}

async function deliverToTable({ server }: Machine): Promise<void> {
  const firehose = new FirehoseClient(clientOptions(server.endpoint));
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: 'orders',
      DeliveryStreamType: 'KinesisStreamAsSource',
      KinesisStreamSourceConfiguration: { KinesisStreamARN: `${ARN}/orders`, RoleARN: ROLE },
      IcebergDestinationConfiguration: {
        RoleARN: ROLE,
        CatalogConfiguration: { CatalogARN: CATALOG },
        DestinationTableConfigurationList: [
          { DestinationDatabaseName: 'shop', DestinationTableName: 'orders' },
        ],
        BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 0 },
        S3Configuration: { RoleARN: ROLE, BucketARN: 'arn:aws:s3:::errors' },
      },
    }),
  );
  firehose.destroy();
}

async function listed(): Promise<number[]> {
  const text = (await contentOf('logs', 'log.txt')).toString();
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => Number(line));
}

async function inTable(): Promise<number[]> {
  const rows = await readTable(catalog.table('shop.orders'), contentOf);
  return rows.map(({ n }) => Number(n));
}

async function inObjects(): Promise<number[]> {
  const texts = await Promise.all((await objectsIn(s3)).map(({ Key = '' }) => bytesOf(s3, Key)));
  const lines = texts.flatMap((text) => text.toString().split('\n').slice(0, -1));
  return lines.map((line) => Number(/\d+/.exec(line)?.[0]));
}

/** Empty if there is no such object. */
async function contentOf(Bucket: string, Key: string): Promise<Buffer> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  } catch (error) {
    if (error instanceof NoSuchKey) return Buffer.alloc(0);
    throw error;
  }
}
