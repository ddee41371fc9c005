import { rm } from 'node:fs/promises';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { KeyedLock } from '../../src/support/keyed-lock.ts';
import type { StreamSource } from '../../src/consumers/source.ts';
import { Delivery, type DeliveryDependencies } from '../../src/delivery/delivery.ts';
import type { Compression } from '../../src/delivery/compress.ts';
import { DeliveryCounters } from '../../src/delivery/counters.ts';
import { ErrorObject, ObjectDestination, type RangeStart } from '../../src/delivery/object-destination.ts';
import { deliveryLimits } from '../../src/delivery/limits.ts';
import type { Processing } from '../../src/delivery/spec.ts';
import type { Catalog } from '../../src/engine/catalog.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { MetricRegistry } from '../../src/metrics.ts';
import type { ObjectStore } from '../../src/services/s3/object-store.ts';
import type { Clock } from '../../src/support/clock.ts';
import { PauseGate } from '../../src/support/pause-gate.ts';
import { silentLog } from '../../src/support/log.ts';
import type { FakeStore } from '../support/fake-store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A catalog as it is kept on disk. */
export async function openCatalog(clock: Clock): Promise<{ catalog: Catalog } & AsyncDisposable> {
  const folder = await temporaryFolder();
  const engine = await openEmbeddedEngine({ folder, clock, log: silentLog });
  return {
    catalog: engine.catalog,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export interface TestSpec {
  readonly id: string;
  readonly source: StreamSource;
  readonly stream: string;
  readonly freshnessMs: number;
  readonly compression: Compression;
  readonly keyOf: (range: RangeStart) => string;
  readonly processing?: Processing;
}

export function specOf(source: StreamSource, changes: Partial<TestSpec> = {}): TestSpec {
  return {
    id: 'd',
    source,
    stream: 's',
    freshnessMs: 60_000,
    compression: 'NONE',
    keyOf: ({ shardId, firstSequenceNumber, firstArrivalMs }) =>
      `out/${firstArrivalMs}-${shardId}-${firstSequenceNumber}`,
    ...changes,
  };
}

/** One delivery, as one process would run it. Whatever begins with `bad` is refused; each other record is a line. */
export function deliver(
  { freshnessMs, compression, keyOf, processing, ...spec }: TestSpec,
  parts: Pick<DeliveryDependencies, 'catalog' | 'clock'> &
    Partial<DeliveryDependencies> & { readonly store: ObjectStore; readonly metrics?: MetricRegistry },
): Delivery {
  const { store, metrics = new MetricRegistry(), ...others } = parts;
  return new Delivery(
    {
      ...spec,
      called: 'the delivery d',
      buffering: {
        bytesMax: deliveryLimits.objectBytesMax,
        recordsMax: deliveryLimits.objectRecordsMax,
        ageMsMax: freshnessMs,
      },
      route: {
        ...(processing !== undefined && { processing }),
        destination: new ObjectDestination({
          store,
          bucket: 'b',
          compression,
          keyOf,
          format: ({ data }) => {
            const text = Buffer.from(data).toString();
            return text.startsWith('bad') ? { refusal: 'it is bad' } : { parts: [Buffer.from(`${text}\n`)] };
          },
        }),
        errorOutput: new ErrorObject({
          store,
          bucket: 'b',
          keyOf: ({ shardId, firstSequenceNumber }) => `refused/${shardId}-${firstSequenceNumber}`,
          write: ({ record: { data, shardId }, errorMessage }) =>
            `${shardId} ${Buffer.from(data).toString()}: ${errorMessage}\n`,
        }),
      },
      counters: new DeliveryCounters(metrics, { namespace: 'Test', dimensions: { Name: 'd' } }),
    },
    { shardLocks: new KeyedLock(), log: silentLog, gate: new PauseGate(), ...others },
  );
}

/** The lines of all objects whose key begins so, in the order of their keys. */
export function lines(store: FakeStore, prefix = 'b/out/'): string[] {
  return texts(store, prefix).flatMap((text) => text.split('\n').slice(0, -1));
}

export function texts(store: FakeStore, prefix = 'b/out/'): string[] {
  return [...store.objects.entries()]
    .filter(([key]) => key.startsWith(prefix))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { body }]) => plain(body).toString());
}

/** By what its first bytes say. */
function plain(body: Buffer): Buffer {
  if (body.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return gunzipSync(body);
  if (body.subarray(0, 4).equals(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]))) return zstdDecompressSync(body);
  return body;
}

/**
 * What a process has in hand of something: when the process dies, no call of it does anything, and none ends. `die`
 * resolves when nothing is under way any more. A store may hear of the dead later, so nobody need wait for that; the
 * next process reads a catalog from its folder once and whole, and sees no commit of the dead come in afterwards: as
 * here both have the same catalog, the next one starts after that.
 */
export function mortal<Thing extends ObjectStore | Catalog>(
  thing: Thing,
): { thing: Thing; die: () => Promise<void> } {
  let dead = false;
  const underWay = new Set<Promise<unknown>>();
  const handle = new Proxy(thing, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (dead) return new Promise(() => {});
        const result: unknown = Reflect.apply(member, target, args);
        if (!(result instanceof Promise)) return result;
        const ended = (): unknown => underWay.delete(result);
        underWay.add(result);
        result.then(ended, ended);
        return result.then((value: unknown) => (dead ? new Promise(() => {}) : value));
      };
    },
  });
  const die = async (): Promise<void> => {
    dead = true;
    await Promise.allSettled(underWay);
  };
  return { thing: handle, die };
}
