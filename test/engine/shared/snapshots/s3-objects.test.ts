import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { SnapshotStoreError } from '../../../../src/engine/shared/snapshots/errors.ts';
import { openS3Objects, type S3SnapshotObjects } from '../../../../src/engine/shared/snapshots/s3-objects.ts';
import { SnapshotRequests } from '../../../../src/engine/shared/snapshots/requests.ts';
import { checkStore } from '../../../../src/engine/shared/snapshots/self-test.ts';
import { systemClock } from '../../../../src/support/clock.ts';
import { startTestServer, type TestServer } from '../../../support/server.ts';
import { contentOf, fill, take, TestCluster, untilAt } from './cluster.ts';
import { MemoryObjects } from './memory-objects.ts';

function requestsTo(objects: S3SnapshotObjects | ReturnType<MemoryObjects['open']>): SnapshotRequests {
  return new SnapshotRequests({ objects, clock: systemClock, signal: new AbortController().signal });
}

describe('snapshots in an S3 store', () => {
  let server: TestServer;
  let objects: S3SnapshotObjects;
  let buckets = 0;

  before(async () => {
    server = await startTestServer();
  });
  after(async () => {
    await server.close();
  });

  async function newBucket(): Promise<S3SnapshotObjects> {
    const credentials = { accessKeyId: 'nagare', secretAccessKey: 'nagare' };
    const { endpoint } = server;
    const bucket = `snapshots-${buckets++}`;
    return await openS3Objects({ endpoint, region: 'us-east-1', bucket, credentials });
  }

  it('are written to a bucket that is created with the first object, and read by a machine that joins', async () => {
    objects = await newBucket();
    assert.deepEqual(await objects.list(''), []);
    assert.equal(await objects.read('x'), undefined);
    const cluster = new TestCluster();
    const owner = await cluster.openOwner({ objects, settings: { keptMin: 1 } });
    await fill(owner, 60);
    await take(owner);
    await fill(owner, 60);
    const taken = await take(owner);
    assert.equal(cluster.store.first, taken.place.position);
    const joined = await cluster.open({ objects });
    await untilAt(joined, owner);
    assert.deepEqual(await contentOf(joined), await contentOf(owner));
    const [key] = taken.files.flatMap(({ parts }) => parts.map((part) => part.key));
    assert(key);
    await objects.put(key, Buffer.from('damaged'));
    await assert.rejects(cluster.open({ objects }), new RegExp(`${key} of a snapshot is damaged`));
    await cluster.close();
    objects.close();
  });

  it('more than a page of objects are all listed', async () => {
    objects = await newBucket();
    const keys = Array.from({ length: 1010 }, (_, n) => `many/${String(n).padStart(5, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => objects.put(key, Buffer.from(key))));
    }
    const listed = await objects.list('many/');
    assert.deepEqual(
      listed.map(({ key }) => key),
      keys,
    );
    assert.equal(listed[0]?.bytes, 10);
    assert.equal(listed[0]?.etag, (await objects.read('many/00000'))?.etag);
    objects.close();
  });

  it('a store that decides conditional writes passes the test, and nothing of it stays', async () => {
    objects = await newBucket();
    await checkStore(requestsTo(objects), 'a/');
    assert.deepEqual(await objects.list(''), []);
    objects.close();
  });

  it('a store that ignores conditions, or whose lists lag, is refused', async () => {
    const ignoring = new MemoryObjects();
    ignoring.ignoresConditions = true;
    await assert.rejects(checkStore(requestsTo(ignoring.open()), ''), SnapshotStoreError);
    const honest = new MemoryObjects();
    const open = honest.open();
    await checkStore(requestsTo(open), '');
    const late = { ...open, list: () => Promise.resolve([]) };
    await assert.rejects(checkStore(requestsTo(late), ''), /does not list what was written before/);
  });
});
