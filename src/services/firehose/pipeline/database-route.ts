import type { DatabaseDestination } from '../../../delivery/database/database-destination.ts';
import type { Environment } from '../../../delivery/database/postgres-address.ts';
import { PostgresDestination } from '../../../delivery/database/postgres.ts';
import type { SqliteThread } from '../../../delivery/database/sqlite-thread.ts';
import { SqliteDestination } from '../../../delivery/database/sqlite.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Egress } from '../../../support/egress.ts';
import type { DatabaseSettings } from '../configuration/database.ts';

/** The destination of a delivery stream, by the id of its delivery. */
export type OpenDatabase = (settings: DatabaseSettings, deliveryId: string) => DatabaseDestination;

export interface DatabaseParts {
  readonly clock: Clock;
  readonly egress: Egress;
  readonly environment: Environment;
  readonly sqlite: SqliteThread;
  /** No database may be in here. */
  readonly dataDir: string;
}

export function databaseOpener({ clock, egress, environment, sqlite, dataDir }: DatabaseParts): OpenDatabase {
  return ({ database, table }, deliveryId) =>
    database.type === 'sqlite'
      ? new SqliteDestination({ thread: sqlite, file: database.file, dataDir, table, deliveryId })
      : new PostgresDestination({ settings: database, environment, egress, clock, table, deliveryId });
}
