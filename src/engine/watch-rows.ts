/** A row that a commit has changed or deleted. */
export interface ChangedRow {
  readonly table: string;
  readonly key: string;
}

/**
 * Calls back with each commit that changes rows of these tables, once it is applied and before anything can read what it
 * has changed. Returns what ends that.
 */
export type WatchRows = (
  tables: readonly string[],
  onChange: (changed: readonly ChangedRow[]) => void,
) => () => void;
