import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { clientOptions, onHeaders } from '../support/client.ts';
import type { ServerProcess } from '../support/server.ts';
import { until } from '../support/until.ts';
import { checkLoad, type LoadRecord, recordOf, STREAM } from './load.ts';
import { clusterHealth } from './machines.ts';

const RETRY_MS = 50;

type Reached = Pick<ServerProcess, 'endpoint'>;

/**
 * Follows the stream of a load by subscriptions at standbys, one after the other: one that ends, with its machine, with
 * the ownership or with the age of its records, is continued at another standby.
 */
export class StandbyFollower {
  readonly #machines: readonly Reached[];
  readonly #consumerArn: string;
  readonly #found: LoadRecord[] = [];
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;
  #from: StartingPosition = { Type: 'TRIM_HORIZON' };
  /** Subscriptions that a standby has answered, and others. */
  readonly #answered = { byStandbys: 0, byOwners: 0 };

  private constructor(machines: readonly Reached[], consumerArn: string) {
    this.#machines = machines;
    this.#consumerArn = consumerArn;
    this.#work = this.#follow();
  }

  static async start(owner: Reached, machines: readonly Reached[]): Promise<StandbyFollower> {
    const kinesis = new KinesisClient(clientOptions(owner.endpoint));
    const { StreamDescriptionSummary: stream } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: STREAM }),
    );
    const { Consumer } = await kinesis.send(
      new RegisterStreamConsumerCommand({ StreamARN: stream?.StreamARN, ConsumerName: 'follower' }),
    );
    kinesis.destroy();
    return new StandbyFollower(machines, Consumer?.ConsumerARN ?? '');
  }

  /** Nothing is lost, doubled or out of order. */
  async end(acknowledged: readonly LoadRecord[]): Promise<string> {
    await until(() => this.#found.length >= acknowledged.length, {
      what: 'all records are pushed by standbys',
      withinMs: 60_000,
    });
    this.#stop.abort();
    await this.#work;
    checkLoad(this.#found, acknowledged);
    const { byStandbys, byOwners } = this.#answered;
    assert(byStandbys > 0, 'no standby has answered');
    return `${this.#found.length} records in ${byStandbys} subscriptions at standbys and ${byOwners} at owners`;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    const stopped = once(signal, 'abort');
    for (let turn = 0; !signal.aborted; turn++) {
      const machine = this.#machines[turn % this.#machines.length];
      if (machine !== undefined && (await clusterHealth(machine))?.role === 'standby') {
        // It ends with the machine. The SDK does not tell a reader that its client was destroyed.
        await Promise.race([this.#subscribe(machine).catch(() => undefined), stopped]);
      }
      await sleep(RETRY_MS);
    }
  }

  async #subscribe({ endpoint }: Reached): Promise<void> {
    const kinesis = new KinesisClient({ ...clientOptions(endpoint), maxAttempts: 1 });
    const end = (): void => kinesis.destroy();
    this.#stop.signal.addEventListener('abort', end);
    onHeaders(kinesis, (headers) => {
      const by = headers['x-nagare-standby-read'] === undefined ? 'byOwners' : 'byStandbys';
      this.#answered[by]++;
    });
    try {
      const { EventStream = [] } = await kinesis.send(
        new SubscribeToShardCommand({
          ConsumerARN: this.#consumerArn,
          ShardId: 'shardId-000000000000',
          StartingPosition: this.#from,
        }),
      );
      for await (const { SubscribeToShardEvent: event } of EventStream) {
        for (const { Data = new Uint8Array(), SequenceNumber = '' } of event?.Records ?? [])
          this.#found.push(recordOf(Data, SequenceNumber));
        const SequenceNumber = event?.ContinuationSequenceNumber;
        if (SequenceNumber !== undefined) this.#from = { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber };
      }
    } finally {
      this.#stop.signal.removeEventListener('abort', end);
      end();
    }
  }
}
