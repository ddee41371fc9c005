import { startingPositions } from '../../consumers/checkpoints.ts';
import type { StreamSource } from '../../consumers/source.ts';
import type { Deliveries } from '../../delivery/deliveries.ts';
import type { Transaction } from '../../engine/catalog.ts';
import { backupDelivery, hasBackup } from './pipeline/pipeline.ts';
import type { DeliveryStreamRow } from './rows.ts';

export interface BackupSources {
  readonly streams: StreamSource;
  readonly putSource: StreamSource;
  readonly deliveries: Deliveries;
}

/**
 * Stores the starting position of a backup that an update enables: it begins with the records that are put from now on.
 * Undefined if the update enables no backup.
 */
export async function backupStart(
  before: DeliveryStreamRow,
  after: DeliveryStreamRow,
  { streams, putSource, deliveries }: BackupSources,
): Promise<((transaction: Transaction) => void) | undefined> {
  if (hasBackup(before) || !hasBackup(after)) return undefined;
  const { source, name } = after;
  const from = source.type === 'DirectPut' ? putSource : streams;
  const view = from.describe(source.type === 'DirectPut' ? name : source.streamArn);
  if (view === undefined) return undefined;
  const starts = await startingPositions(from, view, { type: 'LATEST' });
  return (transaction) => deliveries.begin(transaction, backupDelivery(after), view, starts);
}
