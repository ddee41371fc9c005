import { join } from 'node:path';
import { openKeyStore } from '../../engine/key-store.ts';
import type { ClusterData, MoveReport, Moves, StoppedData } from '../registration.ts';
import { ObjectIndex, STORE_KEY, STORE_TABLE, type StoreRow } from './embedded/object-index.ts';
import { type EmbeddedObjects, openEmbeddedObjects } from './embedded/open.ts';
import { s3Limits } from './limits.ts';
import { MovedObjects } from './moved-objects.ts';
import { decodeWords } from './encoded-words.ts';

/** Moves objects between the data folder and the cluster's S3. */
export const objectMoves: Moves = {
  tables: ['s3.buckets', 's3.objects', 's3.outcomes', 's3.parts', 's3.store', 's3.sums', 's3.uploads'],

  logs(catalog) {
    const store = catalog.table<StoreRow>(STORE_TABLE).get(STORE_KEY);
    return store === undefined ? [] : [store.log];
  },

  async bytes({ engine }) {
    const index = new ObjectIndex(engine);
    let bytes = 0;
    for (const [bucket] of index.buckets()) {
      for await (const { sizeBytes } of index.scan(bucket)) bytes += sizeBytes;
    }
    return bytes;
  },

  async intoCluster(from, to, report) {
    if ([...new ObjectIndex(from.engine).buckets()].length === 0) return;
    await withObjects(from, to, async (embedded, remote) => {
      for (const [bucket, info] of embedded.buckets.list()) {
        await remote.createBucket(bucket, info);
        await eachOf(embedded.objects.index.scan(bucket), async ({ key }) => {
          const opened = await embedded.objects.open(bucket, key);
          if (opened === undefined) return;
          await remote.put(bucket, opened);
          report(opened.meta.sizeBytes, `${bucket}/${key}`);
        });
      }
    });
  },

  async outOfCluster(data, from, report) {
    if (from.buckets.length === 0) return;
    await withObjects(data, from, async (embedded, remote) => {
      for (const bucket of from.buckets) await copyOut({ bucket, embedded, remote, report });
    });
  },
};

/** Opens both stores. */
async function withObjects(
  { engine, dataDir, clock, log }: StoppedData,
  { objectStore, masterKey }: Omit<ClusterData, 'engine'>,
  work: (embedded: EmbeddedObjects, remote: MovedObjects) => Promise<void>,
): Promise<void> {
  const embedded = await openEmbeddedObjects({
    engine,
    folder: join(dataDir, 'objects'),
    clock,
    log,
    openKeys: () => openKeyStore({ catalog: engine.catalog, folder: join(dataDir, 'keys'), ...masterKey }),
  });
  const remote = await MovedObjects.open(objectStore, log);
  try {
    await work(embedded, remote);
  } finally {
    remote.close();
    await embedded.close();
  }
}

interface CopyOut {
  readonly bucket: string;
  readonly embedded: EmbeddedObjects;
  readonly remote: MovedObjects;
  readonly report: MoveReport;
}

async function copyOut({ bucket, embedded, remote, report }: CopyOut): Promise<void> {
  const { buckets, objects } = embedded;
  if (buckets.get(bucket) === undefined) await buckets.create(bucket);
  await eachOf(remote.keys(bucket), async (key) => {
    const found = await remote.get(bucket, key);
    if (found === undefined) return;
    const content = await objects.receive(found.body, [], Infinity, found.isEncrypted);
    const metadata = Object.fromEntries(
      Object.entries(found.metadata).map(([name, value]) => [name.toLowerCase(), decodeWords(value)]),
    );
    const { headers, tags } = found;
    const meta = { headers, metadata, ...(tags !== undefined && { tags }) };
    await objects.put(bucket, key, content, meta, () => undefined);
    report(content.sizeBytes, `${bucket}/${key}`);
  });
}

/** Works on several at once; after a failure begins no further one. */
async function eachOf<One>(all: AsyncIterable<One>, work: (one: One) => Promise<void>): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const one of all) {
    if (failures.length > 0) break;
    const done = work(one)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(done));
    running.add(done);
    if (running.size >= s3Limits.objectsMovedAtOnce) await Promise.race(running);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
