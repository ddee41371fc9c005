import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { openRemoteStore } from '../../../src/services/s3/remote-store.ts';
import { FakeStreams } from '../../support/fake-streams.ts';
import { until } from '../../support/until.ts';
import { startFaultyProxy, type Fault } from '../s3/faulty-proxy.ts';
import { startTestStorage } from '../s3/support.ts';
import { listLog, row } from './setting.ts';

const MIN = 5 * 1024 * 1024;

/** A list log that writes to another S3 over a line that loses every few requests or answers. */
async function overABadLine(before: string, every: number): Promise<void> {
  const storage = await startTestStorage();
  const proxy = await startFaultyProxy(storage.endpoint);
  const store = await openRemoteStore({
    endpoint: proxy.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await storage.client.send(new CreateBucketCommand({ Bucket: 'b-b' }));
  if (before !== '')
    await storage.client.send(new PutObjectCommand({ Bucket: 'b-b', Key: 'log.txt', Body: before }));
  const expected: string[] = [];
  let requests = 0;
  let lost = 0;
  proxy.fault = (head): Fault => {
    // The store is probed and written to once before the trouble begins.
    if (expected.length <= 4 || head.startsWith('GET') || head.startsWith('HEAD')) return 'none';
    // Odd against the four requests of an append, so that none of them is spared.
    requests++;
    const fault: Fault =
      requests % every === 0 ? 'drop request' : requests % (every + 1) === 0 ? 'drop answer' : 'none';
    if (fault !== 'none') lost++;
    return fault;
  };

  const streams = new FakeStreams(() => 0);
  const [shard = ''] = streams.create('s');
  const log = listLog(streams, store, { row: { ...row, bucket: 'b-b', format: '{message}' } });
  log.start();
  try {
    for (let round = 0; round < 25; round++) {
      for (let i = 0; i < 4; i++) {
        const message = `${round}.${i}`;
        streams.putRecord('s', shard, 'k', Buffer.from(JSON.stringify({ message })));
        expected.push(message);
      }
      await until(() => log.info.state?.lines === expected.length);
    }
    const text = await readFile(`${storage.objects}/b-b/log.txt`, 'utf8');
    assert.equal(text, `${before}${expected.join('\n')}\n`);
    assert.ok(lost > 5);
  } finally {
    proxy.fault = () => 'none';
    await log.close();
    store.close();
    await proxy.close();
    await storage.close();
  }
}

describe('a list log in another S3, over a network that loses requests and responses', () => {
  it('has every line once while the object is small and is put again as a whole', () => overABadLine('', 3));

  it('has every line once when the object is large and is appended to', () =>
    overABadLine(`${'x'.repeat(MIN)}\n`, 9));
});
