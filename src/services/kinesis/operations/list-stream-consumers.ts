import type { ListStreamConsumersInput, ListStreamConsumersOutput } from '@aws-sdk/client-kinesis';
import { consumersOf, describeConsumer } from '../read/consumers.ts';
import type { ReadHandler, KinesisReads } from '../context.ts';
import { invalidArgument, streamNotFound } from '../errors.ts';

const CONSUMERS_MAX = 100;

interface Page {
  readonly streamId: string;
  readonly after: string;
}

/** Lists a stream's registered consumers by name, at most 100 per call. NextTokens are valid for five minutes. */
export const listStreamConsumers: ReadHandler<ListStreamConsumersInput, ListStreamConsumersOutput> = (
  kinesis,
  input,
) => {
  const stream = kinesis.streams.resolve(input);
  if (input.NextToken !== undefined && input.StreamCreationTimestamp !== undefined) {
    throw invalidArgument('NextToken and StreamCreationTimestamp cannot be provided together.');
  }
  const created = input.StreamCreationTimestamp?.getTime();
  if (created !== undefined && Math.floor(created / 1000) !== Math.floor(stream.row.createdMs / 1000)) {
    throw streamNotFound(stream.name, kinesis.accountId);
  }
  const page = input.NextToken === undefined ? undefined : decode(kinesis, input.NextToken);
  if (page !== undefined && page.streamId !== stream.id) throw invalidArgument('NextToken is invalid.');
  const limit = Math.min(input.MaxResults ?? CONSUMERS_MAX, CONSUMERS_MAX);
  const following = consumersOf(kinesis, stream).filter(({ row }) => row.name > (page?.after ?? ''));
  const consumers = following.slice(0, limit);
  const next: Page = { streamId: stream.id, after: consumers.at(-1)?.row.name ?? '' };
  return {
    Consumers: consumers.map(describeConsumer),
    NextToken: following.length > limit ? kinesis.pages.encode('ListStreamConsumers', next) : undefined,
  };
};

function decode(kinesis: KinesisReads, token: string): Page {
  return kinesis.pages.decode('ListStreamConsumers', token) as Page; // as it was encoded
}
