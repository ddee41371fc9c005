import { join } from 'node:path';
import type { Disk } from '../../../../src/engine/embedded/disk.ts';
import { openEmbeddedEngine, type EngineBounds } from '../../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import { realFiles, type Files } from '../../../../src/services/s3/embedded/files.ts';
import { openEmbeddedObjects, type EmbeddedObjects } from '../../../../src/services/s3/embedded/open.ts';
import { systemClock, type Clock } from '../../../../src/support/clock.ts';
import { silentLog, type Log } from '../../../../src/support/log.ts';
import { keyStore } from '../../../../src/engine/key-store.ts';

/** The embedded store with an engine of its own, as a server has them. */
export interface TestStore extends EmbeddedObjects {
  readonly engine: Engine;
  readonly damages: readonly string[];
  /** Closes the engine as well. */
  close(): Promise<void>;
}

export async function openStore(options: {
  /** The data folder: `engine/` and `objects/`. */
  readonly folder: string;
  readonly files?: Files;
  readonly disk?: Disk;
  readonly bounds?: Partial<EngineBounds>;
  readonly clock?: Clock;
  readonly log?: Log;
}): Promise<TestStore> {
  const { folder, files = realFiles, disk, bounds, clock = systemClock, log = silentLog } = options;
  const engine = await openEmbeddedEngine({
    folder: join(folder, 'engine'),
    clock,
    log,
    ...(disk === undefined ? {} : { disk }),
    ...(bounds === undefined ? {} : { bounds }),
  });
  const damages: string[] = [];
  try {
    const embedded = await openEmbeddedObjects({
      engine,
      folder: join(folder, 'objects'),
      clock,
      log,
      files,
      // Those of every store of a test: one that is opened again reads what the one before encrypted.
      openKeys: async () => keyStore(Buffer.alloc(32, 'master'), []),
      onDamage: (bucket) => damages.push(bucket),
    });
    return {
      ...embedded,
      engine,
      damages,
      close: async () => {
        await embedded.close();
        await engine.close();
      },
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** The whole content, as a reader gets it. */
export async function readWhole(
  { objects }: EmbeddedObjects,
  bucket: string,
  key: string,
): Promise<{ readonly text: string; readonly metadata: Readonly<Record<string, string>> } | undefined> {
  const opened = await objects.open(bucket, key);
  if (opened === undefined) return undefined;
  const { sizeBytes, metadata } = opened.meta;
  const chunks: Uint8Array[] = [];
  for await (const chunk of opened.read(0, sizeBytes)) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), metadata };
}
