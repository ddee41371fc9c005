import { statSync } from 'node:fs';

interface LoadedFile {
  readonly path: string;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
}

/** Languages round modification times differently. */
const SAME_MS = 0.01;

/**
 * The files that a process has loaded, as its bootstrap reported them (bootstrap/module-hooks.ts), to detect a change.
 */
export class LoadedFiles {
  static readonly none = new LoadedFiles([]);
  readonly #files: readonly LoadedFile[];

  private constructor(files: readonly LoadedFile[]) {
    this.#files = files;
  }

  /** `payload` comes from nagare's own bootstrap; a function that forges it only hides its own changes. */
  static parse(payload: Buffer): LoadedFiles {
    try {
      const files: unknown = JSON.parse(payload.toString());
      return new LoadedFiles(Array.isArray(files) ? files.filter(isLoadedFile) : []);
    } catch {
      return LoadedFiles.none;
    }
  }

  changed(): boolean {
    return this.#files.some(({ path, modifiedMs, sizeBytes }) => {
      const now = statSync(path, { throwIfNoEntry: false });
      if (now === undefined || now.size !== sizeBytes) return true;
      return Math.abs(now.mtimeMs - modifiedMs) > SAME_MS;
    });
  }
}

function isLoadedFile(value: unknown): value is LoadedFile {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'modifiedMs' in value &&
    'sizeBytes' in value
  );
}
