import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { openExistingDataFolder } from '../../data-folder/data-folder.ts';
import { openStoreToCopy } from '../../engine/embedded/open.ts';
import type { StoreContents } from '../../engine/embedded/store-contents.ts';
import { transplant } from '../../engine/embedded/transplant.ts';
import type { Engine } from '../../engine/engine.ts';
import { MasterKeyRow } from '../../engine/key-store.ts';
import { readMasterKey } from '../../engine/master-key.ts';
import type { SharedEngine } from '../../engine/shared/open.ts';
import { UserError } from '../../errors.ts';
import { registrations } from '../../services/index.ts';
import type { ClusterData, Moves, MoveReport, StoppedData } from '../../services/registration.ts';
import { systemClock } from '../../support/clock.ts';
import { describeRecords } from '../describe-records.ts';
import type { AnyRegistration } from '../open-services.ts';
import { IMPORT_KEY, IMPORT_TABLE, importTable, type ImportRow } from './import-row.ts';
import { ownLog, type OwnLogOptions } from './own-log.ts';

export interface ImportOptions extends OwnLogOptions, Omit<ClusterData, 'engine'> {
  /** The data folder that moves into the cluster; it stays as it is. */
  readonly folder: string;
  /** Called once, with about the number of bytes that are to be moved. */
  readonly onTotal: (bytes: number) => void;
  readonly report: MoveReport;
}

export const allMoves: readonly Moves[] = (registrations as readonly AnyRegistration[]).flatMap(
  ({ moves }) => moves ?? [],
);

/**
 * Copies a data folder into an empty shared log, with its objects to the cluster's S3. A row in the log says that it is
 * not complete until the end, and no server serves until then; another run with the same folder continues.
 */
export async function importFolder(options: ImportOptions): Promise<void> {
  const { folder, dataDir, log } = options;
  if (resolve(folder) === resolve(dataDir)) {
    throw new ImportError(
      `${folder} is the data folder that moves into the cluster: choose another --data-dir for this machine's copy`,
    );
  }
  const source = await openExistingDataFolder(folder);
  try {
    const { fence, mayHaveOlderWriter } = source;
    const clock = systemClock;
    const store = await openStoreToCopy({
      folder: join(source.path, 'engine'),
      fence,
      mayHaveOlderWriter,
      clock,
      log,
      describeRecords,
    });
    try {
      await checkKey(store.engine, source.path, options.masterKey);
      const from = { dataDir: source.path, engine: store.engine, clock, log };
      const own = await ownLog(options);
      try {
        await move(from, store.contents, own.shared, options);
      } finally {
        await own.close();
      }
    } finally {
      await store.engine.close();
    }
  } finally {
    await source.close();
  }
}

async function move(
  from: StoppedData,
  contents: StoreContents,
  shared: SharedEngine,
  { objectStore, masterKey, report, onTotal }: ImportOptions,
): Promise<void> {
  const { engine } = shared;
  const rows = importTable(engine);
  const tables = new Set([IMPORT_TABLE, ...allMoves.flatMap(({ tables = [] }) => tables)]);
  const logs = new Set(allMoves.flatMap(({ logs }) => logs?.(from.engine.catalog) ?? []));
  const row = await begin(shared, await identityOf(contents, { tables, logs }));
  let bytes = contents.recordBytes;
  for (const { bytes: bytesOf } of allMoves) bytes += (await bytesOf?.(from)) ?? 0;
  onTotal(bytes);
  if (!row.hasContents) {
    const onRecords = (count: number): void => report(count, 'records');
    await transplant(contents, shared.copy, { withoutTables: tables, withoutLogs: logs, onRecords });
    await engine.catalog.commit((transaction) =>
      transaction.put(rows, IMPORT_KEY, { ...row, hasContents: true }),
    );
  }
  for (const { intoCluster } of allMoves) await intoCluster(from, { engine, objectStore, masterKey }, report);
  await engine.catalog.commit((transaction) => transaction.delete(rows, IMPORT_KEY));
}

/** Throws ImportError when the log has other data. */
async function begin({ engine, copy: { contents } }: SharedEngine, source: string): Promise<ImportRow> {
  const rows = importTable(engine);
  const present = rows.get(IMPORT_KEY);
  if (present !== undefined) {
    if (present.source === source) return present;
    throw new ImportError(
      'the shared log has a part of another data folder, or of this one before it was changed: remove the log (the topic, or the objects below the prefix) and the --data-dir, and begin again',
    );
  }
  if (!(await isEmpty(contents))) throw notEmpty();
  const row: ImportRow = { source, startedMs: systemClock.now(), hasContents: false };
  await engine.catalog.commit((transaction) => transaction.put(rows, IMPORT_KEY, row));
  return row;
}

async function isEmpty(contents: StoreContents): Promise<boolean> {
  if (contents.nextLog > 1) return false;
  for await (const { changes } of contents.rows()) if (changes.length > 0) return false;
  return true;
}

function notEmpty(): ImportError {
  return new ImportError(
    'the shared log has data already: a data folder can only be imported into an empty one. Choose another topic or prefix',
  );
}

/** Changes when anything that moves is changed: what the bounds of logs and the rows in memory say. */
async function identityOf(
  contents: StoreContents,
  left: { readonly tables: ReadonlySet<string>; readonly logs: ReadonlySet<number> },
): Promise<string> {
  const hash = createHash('sha256');
  for (const { log, nextIndex, sealed } of contents.logs) {
    if (!left.logs.has(log)) hash.update(`${log} ${nextIndex} ${sealed}\n`);
  }
  for await (const { storage, changes } of contents.rows()) {
    if (storage === 'disk') break;
    for (const change of changes) if (!left.tables.has(change[0])) hash.update(`${JSON.stringify(change)}\n`);
  }
  return hash.digest('hex');
}

/** All machines of a cluster have the master key in a file: it must be the data folder's. */
async function checkKey(engine: Engine, dataDir: string, masterKey: ClusterData['masterKey']): Promise<void> {
  const row = new MasterKeyRow(engine.catalog);
  if (!row.exists) return;
  const folder = join(dataDir, 'keys');
  if (row.isFor(await readMasterKey({ folder, ...masterKey, mayCreate: false }))) return;
  throw new ImportError(
    `the data folder has another master key: give all machines of the cluster that key, for example a copy of ${join(folder, 'master.key')}`,
  );
}

export class ImportError extends UserError {
  override readonly name = 'ImportError';
}
