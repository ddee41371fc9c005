import assert from 'node:assert/strict';

import { until } from '../../support/until.ts';
import { isDone, type Caller } from './caller.ts';
import { Fact } from './fact.ts';
import { listShards, readStream } from './read-stream.ts';

const CONSUMERS = 4;
const SIDE_STREAMS = 3;
/** The hours of DAY_MS and RETENTION_MS_MAX. */
const HOURS = [24, 48] as const;

/** So long that what is in a stream is there until that is deleted. */
const LONG_HOURS = 8760;

/** A stream that comes and goes, step by step. */
type Side = 'absent' | 'made' | 'keeping long' | 'with a record';

/** Changes what the catalog holds: tags, retention and consumers of a stream, and other streams. */
export class CatalogChanges {
  readonly #stream: string;
  readonly #tag = new Fact<number>('the tag', 0);
  readonly #hours = new Fact<number>('the retention', HOURS[0]);
  readonly #consumers: readonly Fact<'absent' | 'there'>[];
  readonly #sides: readonly Fact<Side>[];

  constructor(stream: string) {
    this.#stream = stream;
    this.#consumers = Array.from({ length: CONSUMERS }, (_, n) => new Fact(`consumer ${n}`, 'absent'));
    this.#sides = Array.from({ length: SIDE_STREAMS }, (_, n) => new Fact(`stream ${n}`, 'absent'));
  }

  /** After a restart: everything is as it was acknowledged, but that the last step may be done or not. */
  async settle(caller: Caller): Promise<void> {
    const StreamName = this.#stream;
    const { Tags } = await caller.askWell('ListTagsForStream', { StreamName });
    // As the API says.
    const [tag] = Tags as { Value: string }[];
    this.#tag.settle(Number(tag?.Value ?? 0));
    const { StreamDescriptionSummary } = await caller.askWell('DescribeStreamSummary', { StreamName });
    const summary = StreamDescriptionSummary as { RetentionPeriodHours: number };
    this.#hours.settle(summary.RetentionPeriodHours);
    const { Consumers } = await caller.askWell('ListStreamConsumers', { StreamARN: arnOf(StreamName) });
    const names = (Consumers as { ConsumerName: string }[]).map(({ ConsumerName }) => ConsumerName);
    for (const [n, consumer] of this.#consumers.entries()) {
      consumer.settle(names.includes(`consumer-${n}`) ? 'there' : 'absent');
    }
    for (const [n, side] of this.#sides.entries()) side.settle(await lookAt(caller, `side-${n}`));
  }

  /** Until the server is killed. */
  async work(caller: Caller, random: () => number): Promise<void> {
    while (!caller.killed) {
      await caller.pause(random() * 15);
      const roll = random();
      if (roll < 0.3) await this.#changeTag(caller);
      else if (roll < 0.45) await this.#changeRetention(caller);
      else if (roll < 0.7) await this.#changeConsumer(caller, Math.floor(random() * CONSUMERS));
      else await this.#changeSide(caller, Math.floor(random() * SIDE_STREAMS), random);
    }
  }

  async #changeTag(caller: Caller): Promise<void> {
    const value = this.#tag.value + 1;
    const input = { StreamName: this.#stream, Tags: { value: String(value) } };
    await this.#tag.become(value, () => attempt(caller, 'AddTagsToStream', input));
  }

  async #changeRetention(caller: Caller): Promise<void> {
    const [less, more] = HOURS;
    const grows = this.#hours.value === less;
    const RetentionPeriodHours = grows ? more : less;
    const operation = grows ? 'IncreaseStreamRetentionPeriod' : 'DecreaseStreamRetentionPeriod';
    const input = { StreamName: this.#stream, RetentionPeriodHours };
    await this.#hours.become(RetentionPeriodHours, () => attempt(caller, operation, input));
  }

  async #changeConsumer(caller: Caller, n: number): Promise<void> {
    const consumer = this.#consumers[n];
    const isThere = consumer?.value === 'there';
    const operation = isThere ? 'DeregisterStreamConsumer' : 'RegisterStreamConsumer';
    const input = { StreamARN: arnOf(this.#stream), ConsumerName: `consumer-${n}` };
    await consumer?.become(isThere ? 'absent' : 'there', () => attempt(caller, operation, input));
  }

  async #changeSide(caller: Caller, n: number, random: () => number): Promise<void> {
    const side = this.#sides[n];
    const StreamName = `side-${n}`;
    const become = async (value: Side, operation: string, input: object): Promise<void> => {
      await side?.become(value, () => attempt(caller, operation, { StreamName, ...input }));
    };
    if (side?.value === 'absent') return become('made', 'CreateStream', { ShardCount: 2 });
    if (side?.value === 'with a record' || random() < 0.2) return become('absent', 'DeleteStream', {});
    if (side?.value === 'made') {
      const input = { RetentionPeriodHours: LONG_HOURS };
      return become('keeping long', 'IncreaseStreamRetentionPeriod', input);
    }
    await become('with a record', 'PutRecord', { PartitionKey: String(random()), Data: 'eA==' });
  }
}

/** Whether it was done. */
async function attempt(caller: Caller, operation: string, input: object): Promise<boolean | undefined> {
  const answer = await caller.ask(operation, input);
  return answer && isDone(operation, answer);
}

/** A deletion that had begun is finished first. */
async function lookAt(caller: Caller, stream: string): Promise<Side> {
  return await until(
    async (): Promise<Side | undefined> => {
      const answer = await caller.ask('DescribeStreamSummary', { StreamName: stream });
      if (answer?.status === 400) return 'absent';
      // As the API says.
      const summary = answer?.body['StreamDescriptionSummary'] as {
        StreamStatus: string;
        RetentionPeriodHours: number;
      };
      if (summary.StreamStatus === 'DELETING') return undefined;
      if (summary.RetentionPeriodHours !== LONG_HOURS) return 'made';
      const records = (await readStream(caller, stream, await listShards(caller, stream))).flat();
      assert(records.length <= 1, `${stream} has ${records.length} records`);
      return records.length === 0 ? 'keeping long' : 'with a record';
    },
    { what: `${stream} is there or not` },
  );
}

function arnOf(stream: string): string {
  return `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;
}
