import type { Catalog } from '../engine/catalog.ts';
import type { RecordRange } from '../engine/engine.ts';
import { blockKey, blockOf, type BlockRow, type QueueRow } from './durable-queue.ts';

/** Describes records of a queue's log, and says whether any is still needed; undefined for other logs. */
export function describeBodies(
  catalog: Pick<Catalog, 'table'>,
  queue: string,
  { log, firstIndex, count }: RecordRange,
  noun: { readonly one: string; readonly many: string },
): string | undefined {
  if (catalog.table<QueueRow>('queue.queues').get(queue)?.log !== log) return undefined;
  const what = `${count} ${count === 1 ? noun.one : noun.many}`;
  const blocks = catalog.table<BlockRow>(`queue.${queue}.blocks`);
  const last = blockOf(firstIndex + count - 1);
  for (let block = blockOf(firstIndex); block <= last; block++) {
    if (blocks.get(blockKey(block)) !== undefined) return what;
  }
  return `${what}, none of which is still needed`;
}
