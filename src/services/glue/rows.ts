import type { DatabaseInput, TableInput } from '@aws-sdk/client-glue';
import type { Tags } from '../../aws/tags.ts';
import type { Checked } from '../../protocol/service.ts';

/** A database, kept as it was given. */
export interface DatabaseRow {
  readonly name: string;
  readonly input: Checked<DatabaseInput>;
  readonly createdMs: number;
  readonly tags: Tags;
}

/** What a table was given, without its times: rows are JSON. */
export type StoredTableInput = Omit<Checked<TableInput>, 'LastAccessTime' | 'LastAnalyzedTime'>;

/** A table in one of its versions. */
export interface TableRow {
  /** Of this table; a later one with the same name has another, so that it never gets this one's versions. */
  readonly id: string;
  readonly databaseName: string;
  readonly name: string;
  /** The first one is 0. */
  readonly version: number;
  /** Earlier versions that are kept. */
  readonly archived: number;
  readonly input: StoredTableInput;
  readonly lastAccessMs?: number;
  readonly lastAnalyzedMs?: number;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** Names are stored in lower case, as on AWS: Hive knows no other. */
export function storedName(name: string): string {
  return name.toLowerCase();
}
