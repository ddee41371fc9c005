import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DescribeStreamCommand, StartStreamEncryptionCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { createStream, put, putAll, readShard, refused, texts } from '../support/streams.ts';

const start = (KeyId = 'alias/aws/kinesis') =>
  new StartStreamEncryptionCommand({ StreamName: 'orders', EncryptionType: 'KMS', KeyId });

async function onDisk(folder: string): Promise<Buffer> {
  const names = await readdir(join(folder, 'engine'), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  return Buffer.concat(await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name)))));
}

test('records put afterwards are unreadable on disk, and can be read as before', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await put(kinesis.client, 'orders', 'plain words', 'plain key');
  await kinesis.client.send(start());
  await put(kinesis.client, 'orders', 'secret words', 'secret key');
  await putAll(kinesis.client, 'orders', ['more secrets']);
  await kinesis.restart();
  const records = await readShard(kinesis.client, 'orders');
  assert.deepEqual(texts(records), ['plain words', 'secret words', 'more secrets']);
  assert.deepEqual(
    records.map(({ PartitionKey, EncryptionType }) => [PartitionKey, EncryptionType]),
    [
      ['plain key', undefined],
      ['secret key', 'KMS'],
      ['more secrets', 'KMS'],
    ],
  );
  const bytes = await onDisk(kinesis.folder);
  assert(bytes.includes('plain words'));
  for (const secret of ['secret words', 'secret key', 'more secrets'])
    assert(!bytes.includes(secret), secret);
});

test("the stream's description has its encryption and key", async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await kinesis.client.send(start('alias/mine'));
  const { StreamDescription } = await kinesis.client.send(
    new DescribeStreamCommand({ StreamName: 'orders' }),
  );
  assert.deepEqual([StreamDescription?.EncryptionType, StreamDescription?.KeyId], ['KMS', 'alias/mine']);
});

test('NONE is not a valid type of encryption', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await refused(
    kinesis.client.send(
      new StartStreamEncryptionCommand({ StreamName: 'orders', EncryptionType: 'NONE', KeyId: 'x' }),
    ),
    'InvalidArgumentException',
  );
});
