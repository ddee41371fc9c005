import { randomUUID } from 'node:crypto';
import { SnapshotStoreError } from './errors.ts';
import { snapshotLimits } from './limits.ts';
import type { SnapshotRequests } from './requests.ts';

function testsPrefix(prefix: string): string {
  return `${prefix}test/`;
}

/** Checks that the store decides conditional writes, and lists what was written. Throws SnapshotStoreError. */
export async function checkStore(requests: SnapshotRequests, prefix: string): Promise<void> {
  const key = `${testsPrefix(prefix)}${randomUUID()}`;
  const text = (what: string): Buffer =>
    Buffer.from(`${what}: nagare tests the store with this object ${key}\n`);
  try {
    const etag = await requests.create(key, text('first'));
    if (etag === undefined)
      throw new SnapshotStoreError('refuses If-None-Match for an object that does not exist');
    if ((await requests.create(key, text('second'))) !== undefined)
      throw new SnapshotStoreError('ignores If-None-Match');
    const next = await requests.replace(key, etag, text('third'));
    if (next === undefined) throw new SnapshotStoreError('refuses If-Match for an object that has the ETag');
    if ((await requests.replace(key, etag, text('fourth'))) !== undefined)
      throw new SnapshotStoreError('ignores If-Match');
    const [listed] = await requests.list(key);
    if (listed?.etag !== next) throw new SnapshotStoreError('does not list what was written before');
    await requests.delete(key);
    if ((await requests.replace(key, next, text('fifth'))) !== undefined)
      throw new SnapshotStoreError('ignores If-Match for an object that does not exist');
  } finally {
    await requests.delete(key);
  }
}

/** Removes the objects of machines that died in `checkStore`: those that stay the same for long. */
export class AbandonedTests {
  #seen = new Map<string, { readonly etag: string; readonly sinceMs: number }>();

  /** A machine that was suspended, and whose object is removed here, checks the store again. */
  async remove(requests: SnapshotRequests, prefix: string, nowMs: number): Promise<void> {
    const before = this.#seen;
    this.#seen = new Map();
    for (const { key, etag } of await requests.list(testsPrefix(prefix))) {
      const seen = before.get(key);
      const sinceMs = seen?.etag === etag && seen.sinceMs <= nowMs ? seen.sinceMs : nowMs;
      if (nowMs - sinceMs >= snapshotLimits.abandonedAfterMs) await requests.delete(key);
      else this.#seen.set(key, { etag, sinceMs });
    }
  }
}
