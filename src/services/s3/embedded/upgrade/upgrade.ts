import { join } from 'node:path';
import type { Log } from '../../../../support/log.ts';
import type { BucketInfo } from '../bucket-info.ts';
import { isMissing, writeAll, writeFile, type Files } from '../files.ts';
import { compareKeys, readEntry } from '../key-path.ts';
import type { Layout } from '../layout.ts';
import type { ObjectIndex } from '../object-index.ts';
import type { ObjectMeta } from '../object-meta.ts';
import { Placing, type ObjectName } from '../placing.ts';
import type { UploadedPart, Upload } from '../upload.ts';
import { readJournalV1, type ChangeV1 } from './journal-v1.ts';

interface UpgradeDependencies {
  readonly layout: Layout;
  readonly files: Files;
  readonly index: ObjectIndex;
  readonly log: Log;
}

/** Rows imported per commit. */
const ROWS_AT_ONCE = 500;

/** Folder for files that only version 1 has; they are moved here when the engine has all their content. */
const BACKUP = 'upgrade-backup-1';
const REPLACED = /^(?:meta|buckets|journal-\d+)$/;

/**
 * Upgrades version 1, which had metadata files and its own journal: applies the journal to the files, then copies all
 * metadata to the engine's tables. Removes nothing of version 1, and can be repeated. Damaged parts are reported and
 * skipped. Objects have no sums until they are scrubbed.
 */
export async function upgrade(dependencies: UpgradeDependencies): Promise<void> {
  const { layout, log } = dependencies;
  log.info({ folder: layout.root }, 'upgrading the objects folder: metadata moves into the engine');
  const fromJournal = await applyJournal(dependencies);
  const buckets = await importBuckets(dependencies);
  let objects = 0;
  for (const bucket of buckets) objects += await importObjects(dependencies, bucket, fromJournal);
  const uploads = await importUploads(dependencies, fromJournal);
  log.info({ buckets: buckets.length, objects, uploads }, 'upgraded the objects folder');
}

/** Sets aside the files of version 1 that the engine now has, unless that was done before. */
export async function removeUpgraded(layout: Layout, files: Files): Promise<void> {
  const names = (await files.readdir(layout.own)).filter((name) => REPLACED.test(name));
  if (names.length > 0) {
    const backup = join(layout.own, BACKUP);
    await files.mkdir(backup);
    await files.syncFolder(layout.own);
    for (const name of names) await files.rename(join(layout.own, name), join(backup, name));
    await files.syncFolder(backup);
    await files.syncFolder(layout.own);
  }
  await files.rm(join(layout.own, 'reserve'), { force: true });
}

/** The state of each key in the journal: its metadata, undefined when it was deleted. */
interface JournalState {
  readonly metas: ReadonlyMap<string, ObjectMeta | undefined>;
  readonly completedUploads: ReadonlySet<string>;
}

const nameOf = (bucket: string, key: string): string => `${bucket}/${key}`;

async function applyJournal({ layout, files, log }: UpgradeDependencies): Promise<JournalState> {
  const metas = new Map<string, ObjectMeta | undefined>();
  const completedUploads = new Set<string>();
  const perKey = new Map<string, ChangeV1[]>();
  const changed = new Map<string, ObjectName>();
  const placing = new Placing(files, layout);
  const names = (await files.readdir(layout.own)).filter((name) => /^journal-\d+$/.test(name));
  for (const name of names.sort()) {
    const path = join(layout.own, name);
    const { changes, damagedAt } = readJournalV1(await files.readFile(path));
    for (const offset of damagedAt) {
      log.error({ file: path, offset }, 'the journal of objects is damaged: a change is lost');
    }
    for (const change of changes) {
      const name = nameOf(change.bucket, change.key);
      const before = perKey.get(name);
      // The file may have a later content already: apply only the last put and the appends to it.
      if (change.type === 'append' && before !== undefined) before.push(change);
      else perKey.set(name, [change]);
      if (change.type === 'put' && change.uploadId !== undefined) completedUploads.add(change.uploadId);
    }
  }
  for (const change of [...perKey.values()].flat()) {
    const meta = change.type === 'delete' ? undefined : importedMeta(change.meta, change.key);
    await applyChange({ layout, files, placing }, change, meta);
    metas.set(nameOf(change.bucket, change.key), meta);
    changed.set(layout.data(change.bucket, change.key), change);
  }
  for (const path of changed.keys()) {
    await files.syncFile(path).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }
  await placing.sync(changed.values());
  return { metas, completedUploads };
}

async function applyChange(
  { layout, files, placing }: { readonly layout: Layout; readonly files: Files; readonly placing: Placing },
  change: ChangeV1,
  meta: ObjectMeta | undefined,
): Promise<void> {
  const { bucket, key } = change;
  const path = layout.data(bucket, key);
  if (change.type === 'delete') return await placing.remove(change);
  const staged = layout.staged(change.generation);
  if (change.type === 'put') {
    if (change.bytes !== undefined) await writeFile(files, staged, change.bytes);
    if (!(await files.exists(staged))) return;
    return await placing.place(staged, change, { isLogged: change.bytes !== undefined });
  }
  try {
    const file = await files.open(path, 'r+');
    try {
      if (change.bytes !== undefined) await writeAll(file, change.bytes, change.offset);
      if (meta !== undefined) await file.truncate(meta.sizeBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    // A later change of the journal deletes it, or reading it will find the loss.
    if (!isMissing(error)) throw error;
  }
}

async function importBuckets({ layout, files, index, log }: UpgradeDependencies): Promise<string[]> {
  const folder = join(layout.own, 'buckets');
  const rows: (readonly [string, BucketInfo])[] = [];
  for (const name of await namesIn(files, folder)) {
    if (!name.endsWith('.json')) continue;
    const path = join(folder, name);
    const value = await readJson(files, path);
    if (!isNumber(value?.['createdMs']))
      log.error({ file: path }, "a bucket's file is damaged: its creation date is lost");
    // The bucket's name is known; a lost creation date must not lose its objects.
    const createdMs = isNumber(value?.['createdMs']) ? value['createdMs'] : 0;
    rows.push([name.slice(0, -'.json'.length), { createdMs }]);
  }
  await index.importRows({ buckets: rows });
  return rows.map(([name]) => name);
}

async function importObjects(
  dependencies: UpgradeDependencies,
  bucket: string,
  { metas }: JournalState,
): Promise<number> {
  const { layout, files, index, log } = dependencies;
  let rows: { bucket: string; meta: ObjectMeta }[] = [];
  let count = 0;
  const flush = async (): Promise<void> => {
    await index.importRows({ objects: rows });
    count += rows.length;
    rows = [];
  };
  for await (const { key, path } of metaFiles(files, join(layout.own, 'meta', bucket), '', [])) {
    if (metas.has(nameOf(bucket, key))) continue;
    const meta = importedMeta((await files.readFile(path)).toString('utf8'), key);
    if (meta === undefined) {
      log.error(
        { bucket, key, file: path },
        "an object's metadata is damaged: the object is skipped, its file is kept",
      );
      continue;
    }
    if (rows.push({ bucket, meta }) === ROWS_AT_ONCE) await flush();
  }
  for (const [name, meta] of [...metas].sort(([a], [b]) => compareKeys(a, b))) {
    if (meta === undefined || !name.startsWith(`${bucket}/`)) continue;
    if (rows.push({ bucket, meta }) === ROWS_AT_ONCE) await flush();
  }
  await flush();
  return count;
}

async function* metaFiles(
  files: Files,
  folder: string,
  begin: string,
  pieces: readonly string[],
): AsyncGenerator<{ readonly key: string; readonly path: string }, void, undefined> {
  for (const { name, isFolder } of await entriesIn(files, folder)) {
    const path = join(folder, name);
    const found = readEntry(pieces, isFolder ? name : name.slice(0, -'.json'.length), isFolder);
    if (found.kind === 'cut') yield* metaFiles(files, path, begin, [...pieces, name]);
    else if (isFolder) yield* metaFiles(files, path, `${begin}${found.segment}/`, []);
    else yield { key: begin + found.segment, path };
  }
}

async function importUploads(
  { layout, files, index, log }: UpgradeDependencies,
  { completedUploads }: JournalState,
): Promise<number> {
  let count = 0;
  for (const id of await namesIn(files, layout.uploads)) {
    const folder = layout.upload(id);
    const names = await namesIn(files, folder);
    // Without this file it was aborted, or its creation was never acknowledged.
    if (!names.includes('upload.json') || completedUploads.has(id)) continue;
    const upload = await readJson(files, join(folder, 'upload.json'));
    const parts: UploadedPart[] = [];
    for (const name of names.filter((name) => /^\d+\.json$/.test(name))) {
      const part = await readJson(files, join(folder, name));
      if (part === undefined)
        log.error({ file: join(folder, name) }, 'a part of an upload is damaged and is skipped');
      else parts.push(part as unknown as UploadedPart); // written by version 1, whose parts differ only in having no sums
    }
    if (upload === undefined || upload['id'] !== id) {
      log.error({ file: join(folder, 'upload.json') }, 'an upload is damaged and is skipped');
      continue;
    }
    await index.importRows({ uploads: [{ upload: upload as unknown as Upload, parts }] });
    // A start removes files that belong to no part.
    const backup = join(layout.own, BACKUP, 'uploads', id);
    await files.mkdir(backup);
    for (const name of names.filter((name) => name.endsWith('.json'))) {
      await writeFile(files, join(backup, name), await files.readFile(join(folder, name)));
    }
    count++;
  }
  return count;
}

/** Undefined when version 1 cannot have written it. */
function importedMeta(text: string, key: string): ObjectMeta | undefined {
  const meta = parseJson(text);
  if (
    meta === undefined ||
    meta['key'] !== key ||
    !isNumber(meta['sizeBytes']) ||
    !isNumber(meta['modifiedMs'])
  )
    return undefined;
  if (typeof meta['etag'] !== 'string' || typeof meta['generation'] !== 'string') return undefined;
  if (typeof meta['headers'] !== 'object' || typeof meta['metadata'] !== 'object') return undefined;
  return { ...meta, content: meta['generation'] } as unknown as ObjectMeta; // its members are checked above
}

async function readJson(files: Files, path: string): Promise<Record<string, unknown> | undefined> {
  return parseJson((await files.readFile(path)).toString('utf8'));
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

async function namesIn(files: Files, folder: string): Promise<string[]> {
  return (await entriesIn(files, folder)).map(({ name }) => name);
}

async function entriesIn(
  files: Files,
  folder: string,
): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  try {
    return await files.entries(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
