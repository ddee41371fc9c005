import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  type SendMessageCommandInput,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { Queues } from '../../../src/services/sqs/queues.ts';
import type { Clock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';

/** A queue of a test server, as tests use it. */
export class TestQueue {
  readonly client: SQSClient;
  readonly QueueUrl: string;

  constructor(client: SQSClient, QueueUrl: string) {
    this.client = client;
    this.QueueUrl = QueueUrl;
  }

  static async create(
    client: SQSClient,
    QueueName: string,
    Attributes: Partial<Record<QueueAttributeName, string>> = {},
  ): Promise<TestQueue> {
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    assert(QueueUrl !== undefined);
    return new TestQueue(client, QueueUrl);
  }

  async send(MessageBody: string, input: Partial<SendMessageCommandInput> = {}) {
    const { QueueUrl } = this;
    return await this.client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...input }));
  }

  async receive(input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
    const { QueueUrl } = this;
    const request = { QueueUrl, MaxNumberOfMessages: 10, ...input };
    return (await this.client.send(new ReceiveMessageCommand(request))).Messages ?? [];
  }

  async bodies(input: Partial<ReceiveMessageCommandInput> = {}): Promise<(string | undefined)[]> {
    return (await this.receive(input)).map(({ Body }) => Body);
  }

  async delete(message: Message | undefined): Promise<void> {
    const { QueueUrl } = this;
    const ReceiptHandle = message?.ReceiptHandle;
    await this.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }

  async attributes(): Promise<Record<string, string>> {
    const { QueueUrl } = this;
    const input = { QueueUrl, AttributeNames: ['All' as const] };
    return (await this.client.send(new GetQueueAttributesCommand(input))).Attributes ?? {};
  }

  /** Visible, in flight, delayed. */
  async counts(): Promise<number[]> {
    const attributes = await this.attributes();
    return ['', 'NotVisible', 'Delayed'].map((kind) =>
      Number(attributes[`ApproximateNumberOfMessages${kind}`]),
    );
  }
}

/** A server for the tests of a file, its client, and queues with names of their own. */
export class QueueServer {
  #server: TestServer | undefined;
  #client: SQSClient | undefined;
  #names = 0;

  constructor() {
    before(async () => {
      this.#server = await startTestServer();
      this.#client = new SQSClient(clientOptions(this.#server.endpoint));
    });
    after(async () => {
      this.#client?.destroy();
      await this.#server?.close();
    });
  }

  get endpoint(): string {
    assert(this.#server !== undefined, 'before the tests');
    return this.#server.endpoint;
  }

  get client(): SQSClient {
    assert(this.#client !== undefined, 'before the tests');
    return this.#client;
  }

  /** Stops the server and starts it again on the same folder and port. */
  async restart(): Promise<void> {
    await this.#server?.restart();
  }

  newName(prefix = 'q'): string {
    return `${prefix}${this.#names++}`;
  }

  async newQueue(attributes: Partial<Record<QueueAttributeName, string>> = {}): Promise<TestQueue> {
    const suffix = attributes.FifoQueue === 'true' ? '.fifo' : '';
    return await TestQueue.create(this.client, `${this.newName()}${suffix}`, attributes);
  }
}

/** Queues without a server, for tests that set the clock. */
export async function openQueues(
  folder: string,
  { clock, hasAwsLimits = false }: { readonly clock: Clock; readonly hasAwsLimits?: boolean },
): Promise<{ readonly queues: Queues; readonly close: () => Promise<void> }> {
  const engine = await openEmbeddedEngine({ folder, clock, log: silentLog });
  const queues = new Queues({
    engine,
    clock,
    metrics: new MetricRegistry(),
    log: silentLog,
    region: 'us-east-1',
    accountId: '000000000000',
    hasAwsLimits,
  });
  return { queues, close: () => queues.close().then(() => engine.close()) };
}
