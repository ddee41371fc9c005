import { dirname, join } from 'node:path';
import type { Engine } from '../../../engine/engine.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Finding, RepairReport } from '../../../support/findings.ts';
import type { Log } from '../../../support/log.ts';
import type { RepairFilesOptions } from '../../registration.ts';
import { checkObjects, type DamagedPlace } from './check.ts';
import { realFiles, type Files } from './files.ts';
import { Layout } from './layout.ts';
import { ObjectIndex } from './object-index.ts';
import { openEmbeddedObjects, type EmbeddedObjects } from './open.ts';
import { foldersOf } from './placing.ts';
import { FORMAT_VERSION, ObjectsFolderError, readFormat, writeFormat } from './store-format.ts';

export interface ObjectsFolderOptions {
  readonly engine: Engine;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly files?: Files;
}

const FORMAT_FILE = 'objects/.nagare/format.json';

/**
 * Repairs what `checkObjects` and a start find. A damaged content cannot be recovered: its object is removed, and its
 * file kept in `.nagare/damaged/`. With `dryRun` nothing is changed.
 */
export async function repairObjects(
  options: ObjectsFolderOptions,
  { dryRun, onRead }: RepairFilesOptions,
): Promise<RepairReport> {
  const format = await formatFinding(options);
  const findings = format === undefined ? [] : [format];
  if (format !== undefined) {
    const unrepaired = await mendFormat(options, dryRun);
    if (unrepaired !== undefined || dryRun) {
      const reasons = unrepaired === undefined ? [] : [unrepaired];
      return { findings, lost: [], lostCounts: [], kept: [], unrepaired: reasons };
    }
  }
  const embedded = await openEmbeddedObjects(options);
  try {
    const { damaged } = await checkObjects(embedded, { writesSums: false, onRead });
    const kept: string[] = [];
    for (const { place, finding } of damaged) {
      if (dryRun) continue;
      if (await putAside(embedded, place, finding.file)) kept.push(keptFile(finding.file));
    }
    return {
      findings: [...findings, ...damaged.map(({ finding }) => finding)],
      lost: damaged.map(({ finding }) => finding.subject ?? finding.file),
      lostCounts: [['object', damaged.length]],
      kept,
      unrepaired: [],
    };
  } finally {
    await embedded.close();
  }
}

/** The reason why a start would refuse the folder; undefined when it can be opened. */
export async function formatFinding({
  engine,
  folder,
  files = realFiles,
}: ObjectsFolderOptions): Promise<Finding | undefined> {
  const row = new ObjectIndex(engine).store();
  try {
    const format = await readFormat(new Layout(folder, { foldSafe: false }).format, files);
    if (format?.version !== FORMAT_VERSION) return undefined;
    if (row === undefined)
      return { problem: 'the engine has no metadata of these objects', file: FORMAT_FILE };
    const fits = format.id === row.id && format.foldSafe === row.foldSafe;
    return fits ? undefined : { problem: 'it does not match the engine', file: FORMAT_FILE };
  } catch (error) {
    if (!(error instanceof ObjectsFolderError)) throw error;
    return { problem: 'its content is damaged', file: FORMAT_FILE };
  }
}

/** Returns why it cannot be repaired; undefined if it was, or would be. */
async function mendFormat(
  { engine, folder, files = realFiles }: ObjectsFolderOptions,
  dryRun: boolean,
): Promise<string | undefined> {
  const index = new ObjectIndex(engine);
  const { format: path } = new Layout(folder, { foldSafe: false });
  const row = index.store();
  if (row !== undefined) {
    if (!dryRun) await writeFormat(path, files, row);
    return undefined;
  }
  const format = await readFormat(path, files).catch(() => undefined);
  if (format?.id === undefined || index.buckets().next().done === true) {
    return `${FORMAT_FILE}: the engine has no buckets: either objects/ belongs to another engine's folder, or all metadata is lost`;
  }
  if (dryRun) return undefined;
  const [log = 0] = await engine.createLogs(1);
  await index.putStore({ id: format.id, foldSafe: format.foldSafe, log });
  return undefined;
}

const keptFile = (file: string): string => file.replace(/^objects\//, 'objects/.nagare/damaged/');

/** Removes the object or the part; returns false when it has no file to keep. */
async function putAside({ objects }: EmbeddedObjects, damaged: DamagedPlace, file: string): Promise<boolean> {
  const { files, layout, index } = objects;
  const path = join(layout.root, file.slice('objects/'.length));
  const target = join(layout.root, keptFile(file).slice('objects/'.length));
  const isKept = await files.exists(path);
  if (isKept) {
    await files.mkdir(dirname(target));
    const folders = foldersOf(target, layout.root);
    // A rename is durable with the first of its folders, but the file only with all folders above it.
    for (const folder of folders.toReversed()) await files.syncFolder(folder);
    await files.rename(path, target);
    await files.syncFolder(dirname(target));
  }
  if ('meta' in damaged) await index.delete(damaged.bucket, damaged.meta);
  else await index.deletePart(damaged.uploadId, damaged.part);
  return isKept;
}
