import type { Catalog } from '../../engine/catalog.ts';
import type { LogId, RecordRange } from '../../engine/engine.ts';
import type { Delivery } from './outbox.ts';

/** Says which published messages records of a log are. */
export function describeMessages(catalog: Pick<Catalog, 'table'>, records: RecordRange): string | undefined {
  const { log, firstIndex, count } = records;
  if (catalog.table<{ readonly messages: LogId }>('sns.store').get('store')?.messages !== log)
    return undefined;
  const topics = new Set<string>();
  for (const [, { index, topicArn }] of catalog.table<Delivery>('sns.deliveries').entries()) {
    if (index >= firstIndex && index < firstIndex + count) topics.add(topicArn);
  }
  const messages = `${count} published ${count === 1 ? 'message' : 'messages'}`;
  return topics.size === 0 ? `${messages}, all delivered` : `${messages} of ${[...topics].join(', ')}`;
}
