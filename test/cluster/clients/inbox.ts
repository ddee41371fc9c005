import assert from 'node:assert/strict';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { until } from '../../support/until.ts';

/** Longer than any pause: a message that comes again was not received, or its receiver has died with its machine. */
const VISIBILITY_SECONDS = '120';

/** A queue, and its receiver, which deletes each message. */
export class Inbox {
  readonly #sqs: SQSClient;
  readonly url: string;
  readonly #deleted = new Set<string>();
  /** Bodies in the order in which they came. */
  readonly bodies: string[] = [];

  private constructor(sqs: SQSClient, url: string) {
    this.#sqs = sqs;
    this.url = url;
  }

  static async create(
    sqs: SQSClient,
    QueueName: string,
    attributes: Partial<Record<QueueAttributeName, string>> = {},
  ): Promise<Inbox> {
    const Attributes = { VisibilityTimeout: VISIBILITY_SECONDS, ...attributes };
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return new Inbox(sqs, QueueUrl);
  }

  /** Receives some messages if there are any, and deletes them. */
  async take(): Promise<void> {
    const queue = { QueueUrl: this.url };
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({ ...queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { MessageId = '', Body = '', ReceiptHandle } of Messages) {
      assert(!this.#deleted.has(MessageId), `${MessageId} (${Body}) is received after it was deleted`);
      this.bodies.push(Body);
      await this.#sqs.send(new DeleteMessageCommand({ ...queue, ReceiptHandle }));
      this.#deleted.add(MessageId);
    }
  }

  /** Takes messages until all of these have come. */
  async untilHas(bodies: readonly string[]): Promise<void> {
    await until(
      async () => {
        const found = new Set(this.bodies);
        if (bodies.every((body) => found.has(body))) return true;
        await this.take();
        return false;
      },
      { what: `all messages in ${this.url}`, withinMs: 150_000 },
    );
  }

  /** How often the bodies have come more than once, all together. */
  get repeats(): number {
    return this.bodies.length - new Set(this.bodies).size;
  }
}
