import type { DeregisterStreamConsumerInput } from '@aws-sdk/client-kinesis';
import { resolveConsumer } from '../read/consumers.ts';
import type { Handler } from '../context.ts';
import { consumerKey } from '../streams/rows.ts';

/** Deregisters a consumer and ends its subscriptions. */
export const deregisterStreamConsumer = (async (kinesis, input) => {
  const consumer = resolveConsumer(kinesis, input);
  const { streams, clock, engine } = kinesis;
  const key = consumerKey(consumer.stream.id, consumer.row.name);
  const { consumers } = streams.tables;
  await engine.catalog.commit((transaction) => {
    const row = transaction.get(consumers, key);
    // The name was registered again meanwhile: that is another consumer.
    if (row === undefined || row.createdMs !== consumer.row.createdMs || row.status === 'DELETING') return;
    if (streams.lifecycleMs === 0) transaction.delete(consumers, key);
    else {
      transaction.put(consumers, key, {
        ...row,
        status: 'DELETING',
        dueMs: clock.now() + streams.lifecycleMs,
      });
    }
  });
  kinesis.subscriptions.end(consumer);
}) satisfies Handler<DeregisterStreamConsumerInput, void>;
