import type { DatabaseInput, TableInput } from '@aws-sdk/client-glue';
import type { Tags } from '../../aws/tags.ts';
import type { Checked } from '../../protocol/service.ts';

/** A database, stored as in the request. */
export interface DatabaseRow {
  readonly name: string;
  readonly input: Checked<DatabaseInput>;
  readonly createdMs: number;
  readonly tags: Tags;
}

/** A table's input without its times, because rows are JSON. */
export type StoredTableInput = Omit<Checked<TableInput>, 'LastAccessTime' | 'LastAnalyzedTime'>;

/** A version of a table. */
export interface TableRow {
  /** Identifies this table. A later table with the same name has another id, so it never gets this table's versions. */
  readonly id: string;
  readonly databaseName: string;
  readonly name: string;
  /** The version number; the first one is 0. */
  readonly version: number;
  /** Number of stored earlier versions. */
  readonly archived: number;
  readonly input: StoredTableInput;
  readonly lastAccessMs?: number;
  readonly lastAnalyzedMs?: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** Names are stored in lower case, as on AWS, because Hive supports no other. */
export function storedName(name: string): string {
  return name.toLowerCase();
}
