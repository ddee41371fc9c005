import type { RegisterStreamConsumerInput, RegisterStreamConsumerOutput } from '@aws-sdk/client-kinesis';
import { consumerOf, describeConsumer, isGone } from '../read/consumers.ts';
import type { Handler } from '../context.ts';
import { limitExceeded, resourceInUse } from '../errors.ts';
import { consumerKey, type ConsumerRow } from '../streams/rows.ts';
import { withTags } from '../streams/tags.ts';
import { checkCreatingConsumers, consumersMax } from '../throttle/quotas.ts';

/**
 * Registers a consumer for enhanced fan-out: at most 20 per stream, or 50 per on-demand stream of an account with the
 * minimum throughput commitment, unless limits are configured.
 */
export const registerStreamConsumer = (async (kinesis, input) => {
  const { streams, clock, accountId } = kinesis;
  const stream = streams.resolve(input);
  const tags = withTags({}, input.Tags ?? {});
  const name = input.ConsumerName;
  const nowMs = clock.now();
  const lifecycleMs = streams.lifecycleMs;
  const row: ConsumerRow = {
    name,
    createdMs: nowMs,
    status: lifecycleMs > 0 ? 'CREATING' : 'ACTIVE',
    ...(lifecycleMs > 0 && { dueMs: nowMs + lifecycleMs }),
    tags,
  };
  const { consumers } = streams.tables;
  const most = consumersMax(kinesis, stream);
  await streams.change(stream, (streamRow, transaction) => {
    const registered = Array.from(transaction.entries(consumers, `${stream.id}/`));
    for (const [key, other] of registered) if (isGone(other, nowMs)) transaction.delete(consumers, key);
    const present = registered.map(([, other]) => other).filter((other) => !isGone(other, nowMs));
    if (present.some((other) => other.name === name)) {
      throw resourceInUse(
        `Consumer ${name} of stream ${stream.name} under account ${accountId} already exists.`,
      );
    }
    if (present.length >= most) {
      throw limitExceeded(
        `Stream ${stream.name} under account ${accountId} has the greatest number of consumers that is allowed: ` +
          `${most}.`,
      );
    }
    checkCreatingConsumers(kinesis, transaction);
    transaction.put(consumers, consumerKey(stream.id, name), row);
    return streamRow;
  });
  return { Consumer: describeConsumer(consumerOf(stream, row, nowMs)) };
}) satisfies Handler<RegisterStreamConsumerInput, RegisterStreamConsumerOutput>;
