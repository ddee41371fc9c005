import assert from 'node:assert/strict';
import {
  type _Record,
  type CreateStreamInput,
  Kinesis,
  type GetShardIteratorInput,
  type Shard,
  type StreamDescriptionSummary,
} from '@aws-sdk/client-kinesis';
import { clientOptions } from '../support/client.ts';
import { startTestServer } from '../support/server.ts';
import { until as untilAnswered } from '../support/until.ts';

/** REMOTE=1: the cases run on AWS itself. */
export const remote = process.env['REMOTE'] === '1';

/** For a case that makes sense only on nagare: the reason, as `skip` of node:test takes it. */
export function onlyLocally(reason: string): string | false {
  return remote && `only on nagare: ${reason}`;
}

export const SHARD_0 = 'shardId-000000000000';
export const SHARD_1 = 'shardId-000000000001';
export const SHARD_2 = 'shardId-000000000002';
export const HALF = (2n ** 127n).toString();
export const LAST_HASH_KEY = (2n ** 128n - 1n).toString();

const SECONDS_MAX = remote ? 300 : 20;
const PAUSE_MS = remote ? 1000 : 5;

/** What the cases run on: a nagare started for them, or Kinesis in the region and with the credentials around. */
export interface Subject {
  readonly kinesis: Kinesis;
  readonly endpoint: string;
  readonly region: string;
  /** A name of this run's own, not in use. */
  newName(): string;
  /** A stream that is ACTIVE and is deleted at the end; provisioned with one shard unless said otherwise. */
  stream(options?: Partial<CreateStreamInput>): Promise<string>;
  summary(stream: string): Promise<StreamDescriptionSummary>;
  arn(stream: string): Promise<string>;
  active(stream: string): Promise<void>;
  gone(stream: string): Promise<void>;
  put(stream: string, text: string, explicitHashKey?: string): Promise<{ shard: string; number: string }>;
  iterator(stream: string, options?: Partial<GetShardIteratorInput>): Promise<string>;
  /** Reads on from an iterator until there are so many records, or the shard ends. */
  read(iterator: string, count: number): Promise<_Record[]>;
  shards(stream: string): Promise<Shard[]>;
  /** Deletes every stream of this run. */
  close(): Promise<void>;
}

/** As long and as often as the subject allows: AWS takes minutes for some, and counts the calls. */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false>,
): Promise<Exclude<Answer, undefined | false>> {
  return await untilAnswered(ask, { what, withinMs: SECONDS_MAX * 1000, pauseMs: PAUSE_MS });
}

/** `lifecycleMs`: how long CREATING, UPDATING and DELETING last on the server that is started here. */
export async function openSubject(lifecycleMs = 20): Promise<Subject> {
  const server = remote ? undefined : await startTestServer({ lifecycleMs });
  const kinesis = new Kinesis(
    server === undefined
      ? { retryMode: 'adaptive', maxAttempts: 10 }
      : { ...clientOptions(server.endpoint), maxAttempts: 1 },
  );
  const region = await kinesis.config.region();
  const subject = new StreamsOfThisRun(
    kinesis,
    server?.endpoint ?? `https://kinesis.${region}.amazonaws.com`,
    region,
  );
  return Object.assign(subject, {
    async close() {
      await subject.deleteAll();
      kinesis.destroy();
      await server?.close();
    },
  });
}

const prefix = `nagare-conformance-${Date.now().toString(36)}-${process.pid}-`;

class StreamsOfThisRun implements Omit<Subject, 'close'> {
  readonly kinesis: Kinesis;
  readonly endpoint: string;
  readonly region: string;
  #names = 0;

  constructor(kinesis: Kinesis, endpoint: string, region: string) {
    this.kinesis = kinesis;
    this.endpoint = endpoint;
    this.region = region;
  }

  newName(): string {
    return `${prefix}${(this.#names++).toString().padStart(3, '0')}`;
  }

  async stream(options: Partial<CreateStreamInput> = {}): Promise<string> {
    const StreamName = options.StreamName ?? this.newName();
    const provisioned = options.StreamModeDetails?.StreamMode !== 'ON_DEMAND';
    await this.kinesis.createStream({ StreamName, ...(provisioned && { ShardCount: 1 }), ...options });
    await this.active(StreamName);
    return StreamName;
  }

  async summary(StreamName: string): Promise<StreamDescriptionSummary> {
    const { StreamDescriptionSummary: summary } = await this.kinesis.describeStreamSummary({ StreamName });
    assert(summary !== undefined);
    return summary;
  }

  async arn(stream: string): Promise<string> {
    return (await this.summary(stream)).StreamARN ?? '';
  }

  async active(stream: string): Promise<void> {
    await until(
      `${stream} ACTIVE`,
      async () => (await this.summary(stream)).StreamStatus === 'ACTIVE' || undefined,
    );
  }

  async gone(stream: string): Promise<void> {
    await until(`${stream} gone`, async () => {
      const error = await this.summary(stream).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return error instanceof Error && error.name === 'ResourceNotFoundException';
    });
  }

  async put(stream: string, text: string, ExplicitHashKey?: string) {
    const { ShardId = '', SequenceNumber = '' } = await this.kinesis.putRecord({
      StreamName: stream,
      PartitionKey: text === '' ? 'k' : text,
      Data: Buffer.from(text),
      ...(ExplicitHashKey !== undefined && { ExplicitHashKey }),
    });
    return { shard: ShardId, number: SequenceNumber };
  }

  async iterator(stream: string, options: Partial<GetShardIteratorInput> = {}): Promise<string> {
    const { ShardIterator = '' } = await this.kinesis.getShardIterator({
      StreamName: stream,
      ShardId: SHARD_0,
      ShardIteratorType: 'TRIM_HORIZON',
      ...options,
    });
    return ShardIterator;
  }

  async read(iterator: string, count: number): Promise<_Record[]> {
    const records: _Record[] = [];
    let next: string | undefined = iterator;
    await until(`${count} records`, async () => {
      const answer = await this.kinesis.getRecords({ ShardIterator: next });
      records.push(...(answer.Records ?? []));
      next = answer.NextShardIterator;
      return records.length >= count || next === undefined;
    });
    return records;
  }

  async shards(StreamName: string): Promise<Shard[]> {
    const { Shards = [] } = await this.kinesis.listShards({ StreamName });
    return Shards;
  }

  async deleteAll(): Promise<void> {
    for (let i = 0; i < this.#names; i++) {
      const StreamName = `${prefix}${i.toString().padStart(3, '0')}`;
      // A case may have deleted it, or is about a name that never was a stream.
      await until(`${StreamName} deleted`, () => deleted(this.kinesis, StreamName));
    }
  }
}

async function deleted(kinesis: Kinesis, StreamName: string): Promise<boolean> {
  try {
    await kinesis.deleteStream({ StreamName, EnforceConsumerDeletion: true });
    return true;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'ResourceNotFoundException') return true;
    if (error.name === 'ResourceInUseException') return false;
    throw error;
  }
}

export function texts(records: readonly _Record[]): string[] {
  return records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

/** The call is refused with AWS's error; in a message that is given as text, `<account>` is any account. */
export async function refuses(
  call: Promise<unknown>,
  name: string,
  message?: RegExp | string,
): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert(error instanceof Error);
    assert.equal(error.name, name, error.message);
    const told = error.message.replaceAll(/account \d{12}/g, 'account <account>');
    if (typeof message === 'string') assert.equal(told, message);
    if (message instanceof RegExp) assert.match(told, message);
    return true;
  });
}
