import { dirname, join } from 'node:path';
import type { KeyStore } from '../../../engine/key-store.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { Buckets } from './buckets.ts';
import { ContentKeys } from './content-cipher.ts';
import { ContentLog } from './content-log.ts';
import { realFiles, type Files } from './files.ts';
import { Layout } from './layout.ts';
import { ObjectFiles } from './object-files.ts';
import { ObjectIndex, type StoreRow } from './object-index.ts';
import { Placing } from './placing.ts';
import { restoreFiles } from './restoring.ts';
import {
  checkFormat,
  FORMAT_VERSION,
  foldsNames,
  newStoreId,
  readFormat,
  writeFormat,
} from './store-format.ts';
import { removeUpgraded, upgrade } from './upgrade/upgrade.ts';
import { Uploads } from './uploads.ts';

export interface EmbeddedObjects {
  readonly objects: ObjectFiles;
  readonly buckets: Buckets;
  readonly uploads: Uploads;
  close(): Promise<void>;
}

export interface EmbeddedObjectsOptions {
  readonly engine: Engine;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called for each content that is found damaged. */
  readonly onDamage?: (bucket: string) => void;
  /** The server's keys, for encrypted contents. */
  readonly openKeys?: () => Promise<KeyStore>;
  readonly files?: Files;
}

/**
 * Opens the objects below `folder`, whose metadata is in the engine, and completes what a crash interrupted. The lock
 * of the data folder keeps other processes out. Throws ObjectsFolderError.
 */
export async function openEmbeddedObjects(options: EmbeddedObjectsOptions): Promise<EmbeddedObjects> {
  const { engine, folder, clock, log, onDamage = () => undefined, files = realFiles } = options;
  const index = new ObjectIndex(engine);
  await files.mkdir(join(folder, '.nagare'));
  await files.syncFolder(dirname(folder));
  await files.syncFolder(folder);
  const { layout, store } = await openStore({ folder, files, index, engine, log });
  for (const own of [layout.staging, layout.uploads]) await files.mkdir(own);
  await files.syncFolder(layout.own);

  const contents = new ContentLog(engine, store.log);
  const placing = new Placing(files, layout);
  await restoreFiles({ layout, files, index, contents, placing, log });
  for (const name of await files.readdir(layout.staging)) {
    await files.rm(join(layout.staging, name), { force: true });
  }
  const keys = new ContentKeys(options.openKeys ?? noKeys);
  const objects = new ObjectFiles({
    layout,
    files,
    index,
    contents,
    placing,
    store,
    clock,
    log,
    onDamage,
    keys,
  });
  const uploads = new Uploads(objects, clock);
  await uploads.removeLeftovers();
  return { objects, buckets: new Buckets(objects, clock), uploads, close: () => objects.close() };
}

function noKeys(): Promise<KeyStore> {
  return Promise.reject(new Error('the object store was opened without keys'));
}

/**
 * The mapping of keys to file names is fixed when the folder is created, by what its file system distinguishes, and
 * must stay valid wherever the folder moves. The row is written before `format.json`: a row without the file is an
 * interrupted start.
 */
async function openStore(parts: {
  readonly folder: string;
  readonly files: Files;
  readonly index: ObjectIndex;
  readonly engine: Engine;
  readonly log: Log;
}): Promise<{ layout: Layout; store: StoreRow }> {
  const { folder, files, index, engine, log } = parts;
  const folds = await foldsNames(join(folder, '.nagare'), files);
  const path = new Layout(folder, { foldSafe: folds }).format;
  const format = await readFormat(path, files);
  let store = index.store();
  checkFormat(path, { format, row: store, folds });
  const layout = new Layout(folder, { foldSafe: store?.foldSafe ?? format?.foldSafe ?? folds });
  if (store === undefined) {
    if (format !== undefined) await upgrade({ layout, files, index, log });
    const [number = 0] = await engine.createLogs(1);
    store = { id: newStoreId(), foldSafe: layout.keyPaths.foldSafe, log: number };
    await index.putStore(store);
  }
  if (format?.version !== FORMAT_VERSION) await writeFormat(path, files, store);
  await removeUpgraded(layout, files);
  return { layout, store };
}
