import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartStreamEncryptionCommand, StopStreamEncryptionCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { createStream, put, readShard, refused, texts } from '../support/streams.ts';

const key = (KeyId: string) => ({ StreamName: 'orders', EncryptionType: 'KMS', KeyId }) as const;

test('later records are not encrypted, earlier ones stay encrypted and readable', async () => {
  await using kinesis = await startKinesis();
  await createStream(kinesis.client);
  await kinesis.client.send(new StartStreamEncryptionCommand(key('alias/a')));
  await put(kinesis.client, 'orders', 'one');
  await refused(
    kinesis.client.send(new StopStreamEncryptionCommand(key('alias/b'))),
    'InvalidArgumentException',
    /alias\/b/,
  );
  await kinesis.client.send(new StopStreamEncryptionCommand(key('alias/a')));
  assert.equal((await put(kinesis.client, 'orders', 'two')).EncryptionType, undefined);
  const records = await readShard(kinesis.client, 'orders');
  assert.deepEqual(texts(records), ['one', 'two']);
  assert.deepEqual(
    records.map(({ EncryptionType }) => EncryptionType),
    ['KMS', undefined],
  );
});
