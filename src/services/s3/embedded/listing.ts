import { isMissing, type Files } from './files.ts';
import { compareKeys, folderOfPrefix, readEntry } from './key-path.ts';
import type { Layout } from './layout.ts';

export interface ListingQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** Only what comes behind this key. */
  readonly after: string;
  /** `after` is a common prefix that was given already: nothing that begins with it is given again. */
  readonly afterIsPrefix: boolean;
}

export type Listed = { readonly key: string } | { readonly commonPrefix: string };

/**
 * The keys of a bucket in the order of their UTF-8 bytes, with what lies between the prefix and a delimiter rolled
 * up. Walks the folders of the metadata files: only those that can hold what is asked for, and with `/` as the
 * delimiter only one.
 */
export async function* list(
  layout: Layout,
  files: Files,
  bucket: string,
  query: ListingQuery,
): AsyncGenerator<Listed, void, undefined> {
  const { prefix, delimiter } = query;
  let rolledUp = query.afterIsPrefix ? query.after : undefined;
  const begin = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const below = folderOfPrefix(begin, layout.keyPaths);
  const folder = below === '' ? layout.metaFolder(bucket) : `${layout.metaFolder(bucket)}/${below}`;
  for await (const key of walk(files, folder, begin, query)) {
    if (rolledUp !== undefined && key.startsWith(rolledUp)) continue;
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      yield { key };
      continue;
    }
    rolledUp = key.slice(0, end + delimiter.length);
    yield { commonPrefix: rolledUp };
  }
}

/** Keys below a folder; of each folder that a `/` delimiter rolls up, one is enough. */
async function* walk(
  files: Files,
  folder: string,
  begin: string,
  query: ListingQuery,
): AsyncGenerator<string, void, undefined> {
  for (const entry of await entriesOf(files, folder, [])) {
    const name = begin + entry.name;
    if (entry.isFolder) {
      if (!name.startsWith(query.prefix) && !query.prefix.startsWith(name)) continue;
      if (query.afterIsPrefix && name.startsWith(query.after)) continue;
      if (compareKeys(name, query.after) < 0 && !query.after.startsWith(name)) continue;
      for await (const key of walk(files, entry.path, name, query)) {
        yield key;
        if (query.delimiter === '/' && name.startsWith(query.prefix) && name.length > query.prefix.length)
          break;
      }
    } else if (name.startsWith(query.prefix) && compareKeys(name, query.after) > 0) {
      yield name;
    }
  }
}

interface Entry {
  /** A segment of keys, with its `/` when there are keys below it. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly path: string;
}

/** What is in a folder, with the pieces of long names put together, in the order of keys. */
async function entriesOf(files: Files, folder: string, pieces: readonly string[]): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const { name, isFolder } of await entriesOrNone(files, folder)) {
    const path = `${folder}/${name}`;
    const found = readEntry(pieces, isFolder ? name : name.slice(0, -'.json'.length), isFolder);
    if (found.kind === 'cut') entries.push(...(await entriesOf(files, path, [...pieces, name])));
    else entries.push({ name: isFolder ? `${found.segment}/` : found.segment, isFolder, path });
  }
  return pieces.length > 0 ? entries : entries.sort((a, b) => compareKeys(a.name, b.name));
}

/** Whether any object lies below a folder of metadata files; empty folders may be left by a crash. */
export async function hasObjects(files: Files, folder: string): Promise<boolean> {
  for (const { name, isFolder } of await entriesOrNone(files, folder)) {
    if (!isFolder || (await hasObjects(files, `${folder}/${name}`))) return true;
  }
  return false;
}

async function entriesOrNone(
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
