import { parseArn as parse } from '../../../aws/arn.ts';
import type { Tags } from '../../../aws/tags.ts';
import { parseArn } from '../arn.ts';
import { consumerByArn, findConsumer, isGone } from '../read/consumers.ts';
import type { StreamContext } from '../read/context.ts';
import type { ChannelRow } from '../channels/rows.ts';
import type { Kinesis, KinesisReads } from '../context.ts';
import { invalidArgument, resourceNotFound } from '../errors.ts';
import { consumerKey } from './rows.ts';
import { requireId } from './stream-image.ts';

/** The common part of streams and registered consumers: tags and a policy. A channel has tags only. */
export interface Resource {
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/**
 * How a request names its resource. StreamId, if given, is that of the stream, or of the consumer's or channel's
 * stream.
 */
export interface ResourceIdentifier {
  readonly ResourceARN: string;
  readonly StreamId?: string;
}

/** Finds the stream or consumer. Throws ResourceNotFoundException, InvalidArgumentException. */
export function getResource(
  kinesis: KinesisReads,
  { ResourceARN: arn, StreamId }: ResourceIdentifier,
): Resource {
  const also = StreamId === undefined ? {} : { StreamId };
  return isConsumerArn(arn)
    ? consumerByArn(kinesis, arn, also).row
    : kinesis.streams.resolve({ StreamARN: arn, ...also }).row;
}

/** The policy of a stream or a consumer by any ARN; undefined also if it names neither. */
export function policyOf(kinesis: StreamContext, arn: string): string | undefined {
  const { streamName, streamArn, consumer } = parseArn(arn) ?? {};
  const stream = streamName === undefined ? undefined : kinesis.streams.get(streamName);
  if (stream === undefined || stream.arn !== streamArn) return undefined;
  if (consumer === undefined) return stream.row.policy;
  const found = findConsumer(kinesis, stream, consumer.name);
  return found?.arn === arn ? found.row.policy : undefined;
}

/** Changes tags or policy in one commit; `change` gets the current ones and may throw. */
export async function changeResource(
  kinesis: Kinesis,
  { ResourceARN: arn, StreamId }: ResourceIdentifier,
  change: (resource: Resource) => Resource,
): Promise<void> {
  const also = StreamId === undefined ? {} : { StreamId };
  if (!isConsumerArn(arn)) {
    const stream = kinesis.streams.resolve({ StreamARN: arn, ...also });
    await kinesis.streams.change(stream, (row) => {
      const { policy: _, ...rest } = row;
      return { ...rest, ...change(row) };
    });
    return;
  }
  const { row, stream } = consumerByArn(kinesis, arn, also);
  const { consumers } = kinesis.streams.tables;
  const key = consumerKey(stream.id, row.name);
  await kinesis.engine.catalog.commit((transaction) => {
    const current = transaction.get(consumers, key);
    if (current === undefined || isGone(current, kinesis.clock.now())) {
      throw resourceNotFound(`Consumer ${arn} under account ${kinesis.accountId} not found.`);
    }
    const { policy: _, ...rest } = current;
    transaction.put(consumers, key, { ...rest, ...change(current) });
  });
}

/** The tags of a stream, a consumer or a channel. Throws as `getResource`. */
export function getTags(kinesis: KinesisReads, identifier: ResourceIdentifier): Tags {
  if (!isChannelArn(identifier.ResourceARN)) return getResource(kinesis, identifier).tags;
  return channelOf(kinesis, identifier).tags;
}

/** Changes tags in one commit; `change` gets the current ones and may throw. */
export async function changeTags(
  kinesis: Kinesis,
  identifier: ResourceIdentifier,
  change: (tags: Tags) => Tags,
): Promise<void> {
  if (isChannelArn(identifier.ResourceARN)) {
    channelOf(kinesis, identifier);
    await kinesis.channels.changeTags(identifier.ResourceARN, change);
    return;
  }
  await changeResource(kinesis, identifier, ({ tags, policy }) => ({
    tags: change(tags),
    ...(policy !== undefined && { policy }),
  }));
}

function isChannelArn(arn: string): boolean {
  return parse(arn)?.resource.startsWith('channel/') === true;
}

function channelOf({ channels }: KinesisReads, { ResourceARN, StreamId }: ResourceIdentifier): ChannelRow {
  const row = channels.byArn(ResourceARN);
  requireId(row.stream, StreamId);
  return row;
}

function isConsumerArn(arn: string): boolean {
  const parsed = parseArn(arn);
  if (parsed === undefined)
    throw invalidArgument(`ResourceARN ${arn} is not the ARN of a stream or a consumer.`);
  return parsed.consumer !== undefined;
}
