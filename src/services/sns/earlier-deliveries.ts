import type { Engine, LogId } from '../../engine/engine.ts';
import { unpack } from '../../engine/packed-records.ts';
import { snsLimits } from './limits.ts';
import type { DurableQueue } from '../../queue/durable-queue.ts';
import type { OutgoingMessage } from '../../queue/message.ts';
import type { Clock } from '../../support/clock.ts';
import type { Delivery } from './delivery.ts';

/**
 * A delivery in the format of versions without the durable queue: a row in the catalog, keyed by the message's index
 * and the subscription.
 */
interface EarlierDelivery extends Delivery {
  readonly index: number;
  readonly subscriptionArn: string;
  readonly attempts: number;
  readonly dueMs: number;
}

/** Deliveries moved in one commit. */
const AT_ONCE = 100;

/**
 * Moves the messages of earlier versions to the queue. Each step is a commit, so an interrupted start continues where
 * it stopped.
 */
export async function takeOverDeliveries(
  engine: Engine,
  queue: DurableQueue<Delivery>,
  clock: Clock,
): Promise<void> {
  const { catalog } = engine;
  const stores = catalog.table<{ readonly messages: LogId }>('sns.store');
  const table = catalog.table<EarlierDelivery>('sns.deliveries');
  const log = stores.get('store')?.messages;
  if (log === undefined) return;
  const keys = Array.from(table.entries(), ([key]) => key);
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    const moved = keys.slice(from, from + AT_ONCE);
    const messages: OutgoingMessage<Delivery>[] = [];
    for (const key of moved) {
      const delivery = table.get(key);
      const body = delivery && (await bodyAt(engine, log, delivery.index));
      if (delivery === undefined || body === undefined) continue;
      const { subscriptionArn: lane, topicArn, protocol, endpoint, attempts, dueMs } = delivery;
      const head = { topicArn, protocol, endpoint };
      const isDelayed = dueMs > clock.now();
      messages.push({ body, to: [{ lane, head, attempts, ...(isDelayed && { dueMs: Math.ceil(dueMs) }) }] });
    }
    await queue.takeOver(messages, (transaction) => {
      for (const key of moved) transaction.delete(table, key);
    });
  }
  await engine.drop(log);
  await catalog.commit((transaction) => transaction.delete(stores, 'store'));
}

async function bodyAt(engine: Engine, log: LogId, index: number): Promise<Buffer | undefined> {
  const [batch] = await engine.read(log, index, { maxRecords: 1, maxBytes: snsLimits.bodyBytesMax });
  if (batch === undefined || batch.firstIndex !== index) return undefined;
  let body: Buffer | undefined;
  unpack(batch, (_ordinal, offset, length) => {
    body = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset + offset, length);
    return false;
  });
  return body;
}
