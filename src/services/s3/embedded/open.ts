import { dirname, join } from 'node:path';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import { makeFolder } from '../../../support/make-folder.ts';
import { applyChange, flush, restage, writeFile } from './apply.ts';
import { Buckets } from './buckets.ts';
import { isMissing, realFiles, type Files } from './files.ts';
import { Journal, replay, type Change } from './journal.ts';
import { Layout } from './layout.ts';
import { ObjectFiles } from './object-files.ts';
import { Reserve } from './reserve.ts';
import { Uploads } from './uploads.ts';

const FORMAT_VERSION = 1;

export interface EmbeddedObjects {
  readonly objects: ObjectFiles;
  readonly buckets: Buckets;
  readonly uploads: Uploads;
  close(): Promise<void>;
}

/** Opens the objects below `folder`; finishes what a crash interrupted. One process at a time may have them open. */
export async function openEmbeddedObjects(options: {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly files?: Files;
}): Promise<EmbeddedObjects> {
  const { folder, clock, log, files = realFiles } = options;
  await makeFolder(join(folder, '.nagare'));
  await files.syncFolder(dirname(folder));
  const layout = await openLayout(folder, files);
  for (const own of [layout.staging, layout.buckets, layout.uploads, join(layout.own, 'meta')]) {
    await files.mkdir(own);
  }
  await files.syncFolder(layout.root);
  await files.syncFolder(layout.own);

  await redo(layout, files);
  const journal = await Journal.open(layout.own, files);
  for (const name of await files.readdir(layout.staging)) {
    await files.rm(join(layout.staging, name), { force: true });
  }
  const reserve = new Reserve(files, layout.reserve);
  await reserve.keep();
  const existing = await Buckets.load(layout, files);
  const objects = new ObjectFiles({ layout, files, journal, reserve, clock, log, buckets: existing });
  return {
    objects,
    buckets: new Buckets(objects, existing, clock),
    uploads: await Uploads.open(objects, clock),
    close: () => objects.close(),
  };
}

/** Replays the journal into the files and forgets it: from here on the files are the truth. */
async function redo(layout: Layout, files: Files): Promise<void> {
  const perKey = new Map<string, Change[]>();
  for await (const change of replay(layout.own, files)) {
    const name = `${change.bucket} ${change.key}`;
    const appended = change.type === 'append' ? perKey.get(name) : undefined;
    if (appended === undefined) perKey.set(name, [change]);
    else appended.push(change);
  }
  const touched = new Set<string>();
  for (const changes of perKey.values()) {
    for (const change of changes) {
      await restage(layout, files, change);
      await applyChange(layout, files, change, touched);
    }
  }
  await flush(files, touched);
  for (const name of await files.readdir(layout.own)) {
    if (/^journal-\d+$/.test(name)) await files.rm(join(layout.own, name), { force: true });
  }
}

/**
 * How keys become names is settled when the folder is made, by what its file system tells apart, and must hold
 * wherever the folder moves.
 */
async function openLayout(folder: string, files: Files): Promise<Layout> {
  const folds = await foldsNames(join(folder, '.nagare'), files);
  const path = new Layout(folder, { foldSafe: folds }).format;
  const format = await readFormat(path, files);
  if (format === undefined) {
    await writeFile(
      files,
      path,
      Buffer.from(`${JSON.stringify({ version: FORMAT_VERSION, foldSafe: folds })}\n`),
    );
    await files.syncFile(path);
    return new Layout(folder, { foldSafe: folds });
  }
  if (format.version !== FORMAT_VERSION) {
    throw new Error(
      `${path}: this nagare knows version ${FORMAT_VERSION} of the objects folder, not ${format.version}`,
    );
  }
  if (folds && !format.foldSafe) {
    throw new Error(
      `${folder} was made on a file system that tells upper from lower case; this one does not. Move it back, or copy the objects through S3`,
    );
  }
  return new Layout(folder, { foldSafe: format.foldSafe });
}

async function readFormat(
  path: string,
  files: Files,
): Promise<{ version: number; foldSafe: boolean } | undefined> {
  try {
    const text = (await files.readFile(path)).toString('utf8');
    if (text === '') return undefined; // a crash before its first flush; nothing can lie here yet
    return JSON.parse(text) as { version: number; foldSafe: boolean }; // our own file
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function foldsNames(folder: string, files: Files): Promise<boolean> {
  const probe = join(folder, 'Probe-\u00e9');
  await writeFile(files, probe, Buffer.alloc(0));
  const seen =
    (await files.exists(join(folder, 'probe-\u00e9'))) || (await files.exists(join(folder, 'Probe-e\u0301')));
  await files.rm(probe, { force: true });
  return seen;
}
