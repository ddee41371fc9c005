import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { UserError } from '../../../errors.ts';
import { isMissing, writeFile, type Files } from './files.ts';
import type { StoreRow } from './object-index.ts';

export const FORMAT_VERSION = 2;

/** The objects folder cannot be opened; the message says what to do. */
export class ObjectsFolderError extends UserError {
  override readonly name = 'ObjectsFolderError';
}

/** The content of `format.json`; the row of the store repeats it. */
export interface Format {
  readonly version: number;
  /** Upper case letters and non-ASCII characters are percent-encoded in file names. */
  readonly foldSafe: boolean;
  /** Id of the store, also stored in the engine. Version 1 has none. */
  readonly id?: string;
}

/** Undefined when the file does not exist. Throws ObjectsFolderError when it is invalid or of an unknown version. */
export async function readFormat(path: string, files: Files): Promise<Format | undefined> {
  let text: string;
  try {
    text = (await files.readFile(path)).toString('utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const format = parse(text);
  if (format === undefined) throw new ObjectsFolderError(`${path} is damaged: ${REPAIR_HINT}`);
  if (format.version > FORMAT_VERSION) {
    throw new ObjectsFolderError(
      `${path}: this nagare supports version ${FORMAT_VERSION} of the objects folder, not ${format.version}`,
    );
  }
  return format;
}

const REPAIR_HINT = 'run `nagare repair` to rewrite it from the engine';

function parse(text: string): Format | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, foldSafe, id } = value as Record<string, unknown>; // checked below
  if (!Number.isInteger(version) || typeof version !== 'number' || typeof foldSafe !== 'boolean')
    return undefined;
  if (version === 1) return { version, foldSafe };
  return typeof id === 'string'
    ? { version, foldSafe, id }
    : version > FORMAT_VERSION
      ? { version, foldSafe }
      : undefined;
}

/** Writes it atomically and durably. */
export async function writeFormat(path: string, files: Files, row: StoreRow): Promise<void> {
  const staged = `${path}.tmp`;
  const format: Format = { version: FORMAT_VERSION, foldSafe: row.foldSafe, id: row.id };
  await writeFile(files, staged, Buffer.from(`${JSON.stringify(format)}\n`));
  await files.syncFile(staged);
  await files.rename(staged, path);
  await files.syncFolder(join(path, '..'));
}

/**
 * Throws ObjectsFolderError when the folder and the engine do not belong together, or the file system is unsuitable.
 */
export function checkFormat(
  path: string,
  {
    format,
    row,
    folds,
  }: { readonly format: Format | undefined; readonly row: StoreRow | undefined; readonly folds: boolean },
): void {
  if (format?.version === FORMAT_VERSION) {
    if (row === undefined) {
      throw new ObjectsFolderError(
        `${path}: the metadata of these objects is in another engine's folder; restore the objects folder and the engine folder that belong together`,
      );
    }
    if (format.id !== row.id || format.foldSafe !== row.foldSafe) {
      throw new ObjectsFolderError(`${path} does not match the engine's folder: ${REPAIR_HINT}`);
    }
  }
  const foldSafe = row?.foldSafe ?? format?.foldSafe;
  if (folds && foldSafe === false) {
    throw new ObjectsFolderError(
      `${path}: the objects folder was created on a file system that distinguishes upper from lower case; this one does not. Move it back, or copy the objects with S3 calls`,
    );
  }
}

export function newStoreId(): string {
  return randomBytes(16).toString('hex');
}

/** Whether the file system treats `A` and `a`, or two spellings of `é`, as the same name. */
export async function foldsNames(folder: string, files: Files): Promise<boolean> {
  const probe = join(folder, 'Probe-\u00e9');
  await writeFile(files, probe, Buffer.alloc(0));
  const seen =
    (await files.exists(join(folder, 'probe-\u00e9'))) || (await files.exists(join(folder, 'Probe-e\u0301')));
  await files.rm(probe, { force: true });
  return seen;
}
