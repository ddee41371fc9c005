import {
  type KinesisClient,
  ListTagsForResourceCommand,
  RegisterStreamConsumerCommand,
} from '@aws-sdk/client-kinesis';
import { ARN, createStream } from './streams.ts';

/** A stream and a consumer of it: both have tags and a policy. */
export async function twoResources(client: KinesisClient): Promise<string[]> {
  await createStream(client);
  const StreamARN = `${ARN}/orders`;
  const { Consumer } = await client.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'app' }),
  );
  return [StreamARN, Consumer?.ConsumerARN ?? ''];
}

export async function tagsOf(client: KinesisClient, ResourceARN: string): Promise<Record<string, string>> {
  const { Tags = [] } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
  return Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
}
