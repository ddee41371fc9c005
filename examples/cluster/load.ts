import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Aws } from '../demo/aws.ts';

export interface Order {
  readonly order: number;
  /** The sequence number that the put was answered with. */
  readonly number: string;
}

/** Puts one order after another, and remembers what was acknowledged, and when. */
export class Load {
  readonly #aws: Aws;
  readonly #stopping = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #failure: unknown;
  readonly acknowledged: Order[] = [];
  readonly #waits: { readonly fromMs: number; readonly tookMs: number }[] = [];

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  start(): void {
    this.#working = this.#work().catch((error: unknown) => {
      this.#failure = error;
    });
  }

  async untilMore(count: number): Promise<void> {
    const reached = this.acknowledged.length + count;
    while (this.acknowledged.length < reached) {
      if (this.#failure !== undefined) throw this.#failure;
      await sleep(20);
    }
  }

  /** The longest that a put took that was not answered before a moment. */
  longestSince(sinceMs: number): number {
    const waits = this.#waits.filter(({ fromMs, tookMs }) => fromMs + tookMs >= sinceMs);
    return Math.round(Math.max(...waits.map(({ tookMs }) => tookMs)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let order = 0; !this.#stopping.signal.aborted; order++) {
      const fromMs = performance.now();
      const { SequenceNumber = '' } = await this.#aws.kinesis.send(
        new PutRecordCommand({
          StreamName: 'orders',
          PartitionKey: 'orders',
          Data: Buffer.from(JSON.stringify({ order })),
        }),
      );
      this.acknowledged.push({ order, number: SequenceNumber });
      this.#waits.push({ fromMs, tookMs: performance.now() - fromMs });
    }
  }
}
