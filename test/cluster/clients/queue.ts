import assert from 'node:assert/strict';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { clientOptions } from '../../support/client.ts';
import { type ClusterClient, numbersTo, repeat } from './client.ts';
import { Inbox } from './inbox.ts';

const GROUPS = 3;

/** Sends numbered messages to a queue, and receives and deletes them. */
export class QueueClient implements ClusterClient {
  readonly name: string;
  readonly answeredMs: number[] = [];
  readonly #sqs: SQSClient;
  readonly #inbox: Inbox;
  readonly #isFifo: boolean;
  #sent = 0;

  private constructor(sqs: SQSClient, inbox: Inbox, isFifo: boolean) {
    this.name = isFifo ? 'a FIFO queue' : 'a queue';
    this.#sqs = sqs;
    this.#inbox = inbox;
    this.#isFifo = isFifo;
  }

  static async start(endpoint: string, { isFifo }: { readonly isFifo: boolean }): Promise<QueueClient> {
    const sqs = new SQSClient(clientOptions(endpoint));
    const inbox = isFifo
      ? await Inbox.create(sqs, 'numbers.fifo', { FifoQueue: 'true' })
      : await Inbox.create(sqs, 'numbers');
    return new QueueClient(sqs, inbox, isFifo);
  }

  async work(stop: AbortSignal): Promise<void> {
    await Promise.all([
      repeat(stop, () => this.#send(), this.answeredMs),
      repeat(stop, () => this.#inbox.take()),
    ]);
  }

  async #send(): Promise<void> {
    const MessageBody = String(this.#sent);
    const inOrder = { MessageGroupId: groupOf(MessageBody), MessageDeduplicationId: MessageBody };
    const message = { QueueUrl: this.#inbox.url, MessageBody, ...(this.#isFifo && inOrder) };
    await this.#sqs.send(new SendMessageCommand(message));
    this.#sent++;
  }

  /** Nothing is lost or sent twice. Receives that a takeover has interrupted begin again, in a FIFO queue none. */
  async check(takeovers: number): Promise<string> {
    const sent = numbersTo(this.#sent);
    await this.#inbox.untilHas(sent);
    const { bodies, repeats } = this.#inbox;
    this.#sqs.destroy();
    if (this.#isFifo) {
      for (const group of new Set(sent.map(groupOf))) {
        const own = (body: string): boolean => groupOf(body) === group;
        assert.deepEqual(bodies.filter(own), sent.filter(own), `the messages of ${group}`);
      }
    } else {
      assert.deepEqual(new Set(bodies), new Set(sent));
      // A receive has ten messages at most.
      assert(repeats <= 10 * takeovers, `${repeats} messages were received again`);
    }
    return `${sent.length} messages, ${repeats} received again`;
  }
}

function groupOf(body: string): string {
  return `group-${Number(body) % GROUPS}`;
}
