import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';

test('the demo fills a stream and a list log, again and again, and can be removed', async (t) => {
  await using server = await startTestServer();
  const s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
  t.after(() => s3.destroy());
  const nagare = (...args: string[]) => runCommand([...args, '--endpoint-url', server.endpoint]);
  for (let time = 0; time < 2; time++) {
    assert.equal((await nagare('demo', '--count', '10', '--rate', '200')).output, '10 orders\n');
  }
  const { output } = await nagare('tail', 'demo-orders', '--no-follow', '--ndjson');
  assert.equal(output.trim().split('\n').length, 20);
  await until(async () => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'demo-orders', Key: 'orders.txt' }));
    return (await Body?.transformToString())?.trim().split('\n').length === 20;
  });
  assert.match((await nagare('alarm', 'ls')).output, /\tdemo-orders-stopped\t/);
  assert.match((await nagare('demo', '--remove')).errors, /--yes is missing/);
  assert.equal((await nagare('demo', '--remove', '--yes')).output, 'demo-orders is deleted\n');
  assert.equal((await nagare('stream', 'ls')).output, '');
  assert.equal((await nagare('bucket', 'ls')).output, '');
  assert.equal((await nagare('alarm', 'ls')).output, '');
  assert.equal((await nagare('list-log', 'list')).output, '');
  assert.equal((await nagare('demo', '--remove', '--yes')).code, 0, 'what is gone already is gone');
});
