import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';

/** How asynchronous invocations of a function are retried, and where their records go. */
export interface EventInvokeSettings {
  readonly retriesMax?: number;
  readonly eventAgeSecondsMax?: number;
  /** ARNs of destinations. */
  readonly onSuccess?: string;
  readonly onFailure?: string;
}

/** A row of `lambda.eventInvokeConfigs`. */
export interface EventInvokeRow extends EventInvokeSettings {
  readonly lastModifiedMs: number;
}

/** The key of a row: the function's name, a colon, and the qualifier. */
export function keyOf(name: string, qualifier: string): string {
  return `${name}:${qualifier}`;
}

export function eventInvokeTable(catalog: Pick<Catalog, 'table'>): Table<EventInvokeRow> {
  return catalog.table('lambda.eventInvokeConfigs');
}

/** Removes all settings of a function, in the commit that deletes it. */
export function forgetEventInvokeConfigs(catalog: Catalog, transaction: Transaction, name: string): void {
  const table = eventInvokeTable(catalog);
  for (const [key] of transaction.entries(table, keyOf(name, ''))) transaction.delete(table, key);
}
