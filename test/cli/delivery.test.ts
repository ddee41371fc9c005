import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let firehose: FirehoseClient;
let s3: S3Client;

before(async () => {
  server = await startTestServer();
  firehose = new FirehoseClient(clientOptions(server.endpoint));
  s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
});

after(async () => {
  firehose.destroy();
  s3.destroy();
  await server.close();
});

function delivery(...args: string[]) {
  return runCommand(['delivery', ...args, '--endpoint', server.endpoint]);
}

async function create(name: string, bucket: string): Promise<void> {
  await firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName: name,
      ExtendedS3DestinationConfiguration: {
        RoleARN: 'arn:aws:iam::000000000000:role/firehose',
        BucketARN: `arn:aws:s3:::${bucket}`,
        BufferingHints: { SizeInMBs: 128, IntervalInSeconds: 900 },
      },
    }),
  );
  await firehose.send(new PutRecordCommand({ DeliveryStreamName: name, Record: { Data: Buffer.from('x') } }));
}

test('delivery flush delivers what waits for its buffer, list and describe show the progress', async () => {
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  await create('orders', 'lake');
  assert.equal((await delivery('ls')).output, 'orders\tDirectPut\tACTIVE\t1\t-\n');
  const flushed = await delivery('flush', 'orders');
  assert.equal(flushed.errors, '');
  assert.equal(flushed.output, 'orders: delivered all records\n');
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: 'lake' }));
  assert.equal(KeyCount, 1);
  const described: unknown = JSON.parse((await delivery('info', 'orders', '--json')).output);
  const { DeliveryId, ...progress } = (described as { Progress: { DeliveryId: string } }).Progress;
  assert.match(DeliveryId, /^\w/);
  assert.deepEqual(progress, { DeliveryStreamName: 'orders', WaitingRecords: 0, DeliveredUntil: 1 });
});

test('what fails is shown, tried again, and dropped only by force', async () => {
  await create('lost', 'nowhere');
  const flushed = await delivery('flush', 'lost');
  assert.equal(flushed.output, '');
  assert.match(flushed.errors, /lost: .*bucket does not exist/);
  assert.match(
    (await delivery('list')).output,
    /^lost\tDirectPut\tACTIVE\t1\tThe specified bucket does not exist$/m,
  );
  assert.equal((await delivery('retry', 'lost')).output, 'lost: retrying\n');
  assert.equal((await delivery('rm', 'lost', '--yes')).output, 'lost is being deleted\n');
  assert.match((await delivery('list')).output, /^lost\tDirectPut\tDELETING\t1\t/m);
  assert.equal((await delivery('delete', 'lost', '--force', '--yes')).output, 'lost is deleted\n');
  await until(async () => !(await delivery('list')).output.includes('lost'));
});
