import type { Engine } from '../../engine/engine.ts';
import type { Table } from '../../engine/catalog.ts';
import { UserError } from '../../errors.ts';

export const IMPORT_TABLE = 'server.import';
export const IMPORT_KEY = 'import';

/** There while a data folder moves into the cluster. */
export interface ImportRow {
  /** Tells the data folder in the state in which it was when the import began. */
  readonly source: string;
  readonly startedMs: number;
  /** Records and rows are there; what services keep beside the engine may not be. */
  readonly hasContents: boolean;
}

export function importTable({ catalog }: Pick<Engine, 'catalog'>): Table<ImportRow> {
  return catalog.table<ImportRow>(IMPORT_TABLE);
}

/** Throws UnfinishedImportError: a part of the data is missing. */
export function requireNoImport(engine: Pick<Engine, 'catalog'>): void {
  if (importTable(engine).get(IMPORT_KEY) === undefined) return;
  throw new UnfinishedImportError(
    'the import of a data folder into this shared log is not complete: run the same `nagare cluster import` again',
  );
}

export class UnfinishedImportError extends UserError {
  override readonly name = 'UnfinishedImportError';
}
