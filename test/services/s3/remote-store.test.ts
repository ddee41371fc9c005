import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { CreateBucketCommand, ListMultipartUploadsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PreconditionFailedError, type ObjectStore } from '../../../src/services/s3/object-store.ts';
import { openRemoteStore, type RemoteStore } from '../../../src/services/s3/remote-store.ts';
import { startFaultyProxy, type FaultyProxy } from './faulty-proxy.ts';
import { startTestStorage, type TestStorage } from './support.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const MIN = 5 * 1024 * 1024;

let storage: TestStorage;
let remote: RemoteStore;
let proxy: FaultyProxy;
before(async () => {
  storage = await startTestStorage();
  proxy = await startFaultyProxy(storage.endpoint);
  remote = await openRemoteStore({ endpoint: proxy.endpoint, credentials });
  await storage.client.send(new CreateBucketCommand({ Bucket: 'bucket' }));
});
after(async () => {
  remote.close();
  await proxy.close();
  await storage.close();
});

const refused = (call: Promise<unknown>): Promise<void> => assert.rejects(call, PreconditionFailedError);

for (const [name, store] of [
  ['embedded', () => storage.store],
  ['another S3', () => remote],
] as const satisfies readonly (readonly [string, () => ObjectStore])[]) {
  describe(`an object store: ${name}`, () => {
    const key = `contract/${name}.txt`;

    it('writes conditionally, with metadata, and reads it back', async () => {
      assert.equal(await store().head('bucket', key), undefined);
      await refused(store().put('bucket', key, Buffer.from('x'), { condition: { ifMatch: '"0"' } }));
      const options = { metadata: { 'a-b': 'c;d=' }, contentType: 'text/plain' };
      const { etag } = await store().put('bucket', key, Buffer.from('first'), {
        condition: { ifNoneMatch: '*' },
        ...options,
      });
      await refused(store().put('bucket', key, Buffer.from('x'), { condition: { ifNoneMatch: '*' } }));
      const info = await store().head('bucket', key);
      assert.deepEqual([info?.etag, info?.sizeBytes, info?.metadata], [etag, 5, options.metadata]);
      const { body } = await store().get('bucket', key, { ifMatch: etag });
      assert.equal(body.toString(), 'first');
      assert.equal(
        (await store().get('bucket', key, { range: { first: 1, last: 2 } })).body.toString(),
        'ir',
      );
      await refused(store().get('bucket', key, { ifMatch: '"0"' }));
      await store().put('bucket', key, Buffer.from('second'), { condition: { ifMatch: etag } });
      await refused(store().put('bucket', key, Buffer.from('third'), { condition: { ifMatch: etag } }));
    });

    it('appends only to what it read', async () => {
      const condition = 'unconditional';
      await store().put('bucket', key, Buffer.alloc(MIN, 'a'), { condition });
      const base = await store().head('bucket', key);
      assert.ok(base);
      const { etag } = await store().append('bucket', key, base, Buffer.from('tail'), {
        metadata: { at: '1' },
      });
      const info = await store().head('bucket', key);
      assert.deepEqual([info?.etag, info?.sizeBytes, info?.metadata], [etag, MIN + 4, { at: '1' }]);
      const { body } = await store().get('bucket', key, { range: { first: MIN - 1, last: MIN + 3 } });
      assert.equal(body.toString(), 'atail');
      await refused(store().append('bucket', key, base, Buffer.from('again'), {}));
      const uploads = await storage.client.send(new ListMultipartUploadsCommand({ Bucket: 'bucket' }));
      assert.equal(uploads.Uploads, undefined);
    });

    it('reports a missing bucket', async () => {
      await assert.rejects(store().head('nowhere', key), { code: 'NoSuchBucket' });
      await store().probe('bucket');
    });
  });
}

describe('an object store behind an unreliable network', () => {
  it('never reports a failed write that may have succeeded, and sends it once', async () => {
    const key = 'ambiguous.txt';
    let sent = 0;
    for (const fault of ['drop request', 'drop answer'] as const) {
      proxy.fault = (head) => {
        if (!head.startsWith('PUT')) return 'none';
        sent++;
        return fault;
      };
      const metadata = { token: fault.replace(' ', '-') };
      const write = remote.put('bucket', key, Buffer.from(fault), {
        condition: { ifNoneMatch: '*' },
        metadata,
      });
      await assert.rejects(write, (error) => !(error instanceof PreconditionFailedError));
      proxy.fault = () => 'none';
      const info = await remote.head('bucket', key);
      assert.equal(info?.metadata['token'], fault === 'drop answer' ? 'drop-answer' : undefined);
    }
    assert.equal(sent, 2);
  });
});

describe('a store that ignores conditions', () => {
  it('is refused before anything is written to it', async () => {
    // It takes everything and says 200, as servers do that do not know the headers.
    const careless = createServer((request, response) => {
      request.resume().on('end', () => response.writeHead(200, { ETag: '"0"' }).end());
    });
    await new Promise<void>((resolve) => careless.listen(0, '127.0.0.1', resolve));
    const { port } = careless.address() as AddressInfo; // a TCP server has one
    const store = await openRemoteStore({ endpoint: `http://127.0.0.1:${port}`, credentials });
    await assert.rejects(store.probe('bucket'), /ignores If-None-Match/);
    store.close();
    careless.closeAllConnections();
    await new Promise((resolve) => careless.close(resolve));
  });

  it('is not confused with one that cannot be reached', async () => {
    const store = await openRemoteStore({ endpoint: 'http://127.0.0.1:1', credentials });
    await assert.rejects(store.probe('bucket'), (error) => !/ignores/.test(String(error)));
    store.close();
    await storage.client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'still-here', Body: '' }));
  });
});
