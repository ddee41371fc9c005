import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { until } from '../../../support/until.ts';
import { spawnServer } from '../../../support/server.ts';
import {
  ACCOUNT,
  bytesOf,
  clients,
  createChannel,
  createOnDemand,
  linesIn,
  objectsIn,
  startChannels,
} from '../support/channels.ts';
import { ARN, put, putAll } from '../support/streams.ts';

describe('a channel delivers', () => {
  test('records put after its creation, and none from before', async () => {
    await using world = await startChannels();
    await putAll(world.client, 'orders', ['before 1', 'before 2']);
    await createChannel(world.client);
    await putAll(world.client, 'orders', ['after 1', 'after 2']);
    assert.deepEqual((await linesIn(world.s3, 2)).toSorted(), ['after 1', 'after 2']);
  });

  test('objects whose keys say where they come from, compressed', async () => {
    for (const [CompressionType, extension] of [
      ['NONE', ''],
      ['GZIP', '.gz'],
      ['ZSTD', '.zst'],
    ] as const) {
      await using world = await startChannels();
      const { ChannelId } = await createChannel(world.client, 'archive', { storage: { CompressionType } });
      const { ShardId = '', SequenceNumber } = await put(world.client, 'orders', 'x'.repeat(2000), 'k');
      assert.deepEqual(await linesIn(world.s3, 1), ['x'.repeat(2000)]);
      const [{ Key = '', Size = 0 } = {}] = await objectsIn(world.s3);
      const name = `archive-${ChannelId}-\\d{4}-\\d\\d-\\d\\d-\\d\\d-\\d\\d`;
      const suffix = `${ChannelId?.slice(0, 8)}-${ShardId.slice(8)}-${SequenceNumber}${extension}`;
      const folder = `kinesis-channel/archive/${ChannelId}/\\d{4}/\\d\\d/\\d\\d/\\d\\d`;
      assert.match(Key, new RegExp(`^${folder}/${name}-${suffix}$`));
      assert.equal(Size < 2000, CompressionType !== 'NONE');
      const { Metadata } = await world.s3.send(new HeadObjectCommand({ Bucket: 'bucket', Key }));
      assert.deepEqual(Metadata, {
        'nagare-range': `${ChannelId}/${ShardId}/${SequenceNumber}-${SequenceNumber}`,
      });
    }
  });

  test('JSON as lines, and invalid JSON to the dead letters, with the reason', async () => {
    await using world = await startChannels();
    await world.s3.send(new CreateBucketCommand({ Bucket: 'letters' }));
    const DeadLetterQueueS3Configuration = {
      BucketARN: 'arn:aws:s3:::letters',
      ExpectedBucketOwner: ACCOUNT,
      ErrorOutputPrefix: 'no-json/',
    };
    const { S3DestinationConfiguration: s3 } = await createChannel(world.client, 'archive', {
      format: 'JSON',
    });
    await createChannel(world.client, 'own', {
      format: 'JSON',
      destination: { DeadLetterQueueS3Configuration },
      storage: { ...s3?.StorageConfiguration, OutputKeyTemplate: 'own/x' },
    });
    const Records = ['{"a":1}', 'nonsense', '{"a":2}'].map((text) => ({
      PartitionKey: 'k',
      Data: Buffer.from(text),
    }));
    await world.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
    assert.deepEqual(await linesIn(world.s3, 4), ['{"a":1}', '{"a":2}', '{"a":1}', '{"a":2}']);
    const letters = async (Bucket: string, prefix: string) => {
      // A letter is written after the object of the same range.
      const [letter, ...others] = await until(
        async () => {
          const found = (await objectsIn(world.s3, Bucket)).filter(({ Key }) => Key?.startsWith(prefix));
          return found.length > 0 && found;
        },
        { what: 'a dead letter' },
      );
      assert.equal(others.length, 0);
      return (await bytesOf(world.s3, letter?.Key ?? '', Bucket)).toString();
    };
    const { ErrorOutputPrefix = '?' } = s3?.DeadLetterQueueS3Configuration ?? {};
    for (const text of [await letters('bucket', ErrorOutputPrefix), await letters('letters', 'no-json/')]) {
      // What is there is checked member by member.
      const letter = JSON.parse(text) as Record<string, string>;
      assert.equal(letter['streamARN'], `${ARN}/orders`);
      assert.equal(letter['errorMessage'], 'The record is not valid JSON.');
      assert.equal(Buffer.from(letter['data'] ?? '', 'base64').toString(), 'nonsense');
    }
  });

  test('bytes, concatenated unchanged', async () => {
    await using world = await startChannels();
    await createChannel(world.client, 'archive', { format: 'BYTE_ARRAY' });
    const Records = [Buffer.from([0xff, 0]), Buffer.from([1]), Buffer.from([2, 3])].map((Data) => ({
      PartitionKey: 'k',
      Data,
    }));
    await world.client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
    const Key = await until(async () => (await objectsIn(world.s3))[0]?.Key, { what: 'an object' });
    assert.deepEqual(await bytesOf(world.s3, Key), Buffer.from([0xff, 0, 1, 2, 3]));
  });

  test('to its own objects, even if another channel has the same template', async () => {
    await using world = await startChannels();
    const storage = { OutputKeyTemplate: 'same' };
    for (const name of ['one', 'two']) await createChannel(world.client, name, { storage });
    await put(world.client, 'orders', 'a');
    assert.deepEqual(await linesIn(world.s3, 2), ['a', 'a']);
  });
});

/** Every number below `count`, once. */
function assertOnce(lines: readonly string[], count: number): void {
  const numbers = lines.map((line) => Number(line.split('=')[1])).toSorted((a, b) => a - b);
  assert.deepEqual(
    numbers,
    Array.from({ length: count }, (_, index) => index),
  );
}

/** `key=number`, with keys that reach all shards. */
async function putNumbers(client: KinesisClient, first: number, count: number): Promise<void> {
  const Records = Array.from({ length: count }, (_, index) => ({
    PartitionKey: `k${(first + index) % 10}`,
    Data: Buffer.from(`k${(first + index) % 10}=${first + index}`),
  }));
  await client.send(new PutRecordsCommand({ StreamName: 'orders', Records }));
}

test('each record is delivered once, however often the server is restarted', async () => {
  await using world = await startChannels();
  await createChannel(world.client);
  for (let round = 0; round < 4; round++) {
    await putNumbers(world.client, round * 100, 100);
    await setTimeout(round * 400);
    await world.server.restart();
  }
  assertOnce(await linesIn(world.s3, 400), 400);
});

test('each record is delivered once, however often the server is killed', async () => {
  await using server = await spawnServer();
  const { client, s3, destroy } = clients(server.endpoint);
  await createOnDemand(client, 'orders');
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  await createChannel(client, 'archive', { storage: { CompressionType: 'GZIP' } });
  for (let round = 0; round < 4; round++) {
    for (let part = 0; part < 4; part++) await putNumbers(client, round * 1000 + part * 250, 250);
    // The oldest is a second old then, give or take: some kills come before, some while, some after an object.
    await setTimeout(850 + round * 60);
    await server.kill();
    await server.start();
  }
  await linesIn(s3, 4000);
  // One that was delivered again would lie before the next.
  await putNumbers(client, 4000, 10);
  assertOnce(await linesIn(s3, 4010), 4010);
  destroy();
});
