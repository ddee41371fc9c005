import assert from 'node:assert/strict';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from '../../support/client.ts';
import { type ClusterClient, numbersTo, repeat } from './client.ts';
import { Inbox } from './inbox.ts';

/** A topic with a queue that gets its messages as they are. */
export async function topicWithInbox(
  endpoint: string,
  name: string,
): Promise<{ readonly topicArn: string; readonly inbox: Inbox }> {
  const sqs = new SQSClient(clientOptions(endpoint));
  const sns = new SNSClient(clientOptions(endpoint));
  const inbox = await Inbox.create(sqs, `of-${name}`);
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: inbox.url, AttributeNames: ['QueueArn'] }),
  );
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: name }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: Attributes?.QueueArn,
      Attributes: { RawMessageDelivery: 'true' },
    }),
  );
  sns.destroy();
  return { topicArn: TopicArn, inbox };
}

/** Publishes numbered messages, and receives them from a queue. */
export class TopicClient implements ClusterClient {
  readonly name = 'a topic';
  readonly answeredMs: number[] = [];
  readonly #sns: SNSClient;
  readonly #topicArn: string;
  readonly #inbox: Inbox;
  #published = 0;

  private constructor(sns: SNSClient, topicArn: string, inbox: Inbox) {
    this.#sns = sns;
    this.#topicArn = topicArn;
    this.#inbox = inbox;
  }

  static async start(endpoint: string): Promise<TopicClient> {
    const { topicArn, inbox } = await topicWithInbox(endpoint, 'numbers');
    return new TopicClient(new SNSClient(clientOptions(endpoint)), topicArn, inbox);
  }

  async work(stop: AbortSignal): Promise<void> {
    await Promise.all([
      repeat(stop, () => this.#publish(), this.answeredMs),
      repeat(stop, () => this.#inbox.take()),
    ]);
  }

  async #publish(): Promise<void> {
    const message = { TopicArn: this.#topicArn, Message: String(this.#published) };
    await this.#sns.send(new PublishCommand(message));
    this.#published++;
  }

  /** Nothing is lost. What was on its way at a takeover, one message at a time, is delivered or received again. */
  async check(takeovers: number): Promise<string> {
    const published = numbersTo(this.#published);
    await this.#inbox.untilHas(published);
    this.#sns.destroy();
    const { bodies, repeats } = this.#inbox;
    assert.deepEqual(new Set(bodies), new Set(published));
    assert(repeats <= 20 * takeovers, `${repeats} messages came again`);
    return `${published.length} messages, ${repeats} came again`;
  }
}
