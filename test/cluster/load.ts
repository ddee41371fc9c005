import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { signed } from '../../src/auth/sign.ts';
import { clientOptions, withHeaders } from '../support/client.ts';
import { until } from '../support/until.ts';

export const STREAM = 'load';
const EMPTY = new Uint8Array();
/** Reads get all that was acknowledged, whatever a standby may answer. */
const NEWEST = { 'x-nagare-consistency': 'owner' };

/** A record as a writer knows it, or a reader has found it. */
export interface LoadRecord {
  readonly writer: string;
  readonly n: number;
  readonly sequenceNumber: string;
}

/**
 * Programs that put one record after another by the AWS SDK, with the retries that it makes by default. An error of one
 * of them fails `end`.
 */
export class Load {
  readonly #clients: readonly KinesisClient[];
  readonly #acknowledged: LoadRecord[] = [];
  readonly #stop = new AbortController();
  readonly #work: Promise<unknown>;
  /** The longest put since `forget`. */
  longestMs = 0;

  private constructor(endpoint: string, writers: number) {
    this.#clients = Array.from({ length: writers }, () => new KinesisClient(clientOptions(endpoint)));
    this.#work = Promise.all(this.#clients.map((client, at) => this.#write(client, `w${at}`)));
    // Awaited in the end.
    this.#work.catch(() => this.#stop.abort());
  }

  static async start(endpoint: string, writers = 3): Promise<Load> {
    const client = new KinesisClient(clientOptions(endpoint));
    await client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
    client.destroy();
    return new Load(endpoint, writers);
  }

  forget(): void {
    this.longestMs = 0;
  }

  /** Each writer has put something that it has begun after now. */
  async goesOn(): Promise<void> {
    const before = this.#acknowledged.length;
    const enough = before + this.#clients.length * 3;
    await until(() => this.#stop.signal.aborted || this.#acknowledged.length >= enough, {
      what: 'the load goes on',
      withinMs: 60_000,
    });
  }

  /** Stops, and checks what is stored by a reader at each of the machines. Resolves with what was acknowledged. */
  async end(endpoints: readonly string[]): Promise<readonly LoadRecord[]> {
    this.#stop.abort();
    await this.#work;
    for (const endpoint of endpoints) checkLoad(await readLoad(endpoint), this.#acknowledged);
    for (const client of this.#clients) client.destroy();
    return this.#acknowledged;
  }

  async #write(client: KinesisClient, writer: string): Promise<void> {
    for (let n = 0; !this.#stop.signal.aborted; n++) {
      const began = performance.now();
      const { SequenceNumber: sequenceNumber = '' } = await client.send(
        new PutRecordCommand({
          StreamName: STREAM,
          PartitionKey: writer,
          Data: Buffer.from(`${writer} ${n}`),
        }),
      );
      this.longestMs = Math.max(this.longestMs, performance.now() - began);
      this.#acknowledged.push({ writer, n, sequenceNumber });
    }
  }
}

/**
 * Sends a read to a machine that does not read from its sockets at present; resolves when the system has it. `answer`
 * has the records as they are in the stream.
 */
export async function sendRead(
  endpoint: string,
  ShardIterator: string,
): Promise<{ readonly answer: Promise<LoadRecord[]> }> {
  const body = JSON.stringify({ ShardIterator });
  const url = new URL(endpoint);
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'Kinesis_20131202.GetRecords',
    ...NEWEST,
  };
  const { credentials, region } = clientOptions(endpoint);
  const place = { region, service: 'kinesis' };
  const sent = request(url, {
    method: 'POST',
    agent: false,
    headers: signed({ method: 'POST', url, headers, body }, credentials, place, new Date()),
  });
  const answered = once(sent, 'response').then(async ([response]: IncomingMessage[]) => {
    if (response === undefined) throw new Error('there is no answer');
    assert.equal(response.statusCode, 200);
    // The server answers with JSON of this form.
    const { Records } = (await json(response)) as { Records: { Data: string; SequenceNumber: string }[] };
    return Records.map(({ Data, SequenceNumber }) => recordOf(Buffer.from(Data, 'base64'), SequenceNumber));
  });
  answered.catch(() => undefined);
  sent.end(body);
  await once(sent, 'finish');
  return { answer: answered };
}

/** In the order of the stream. */
export async function readLoad(endpoint: string): Promise<LoadRecord[]> {
  const client = newestAt(endpoint);
  const found: LoadRecord[] = [];
  let ShardIterator: string | undefined = await iteratorOf(client);
  for (;;) {
    const answer: GetRecordsOutput = await client.send(new GetRecordsCommand({ ShardIterator }));
    const { Records = [], NextShardIterator } = answer;
    if (Records.length === 0) break;
    for (const { Data, SequenceNumber = '' } of Records) found.push(recordOf(Data ?? EMPTY, SequenceNumber));
    ShardIterator = NextShardIterator;
  }
  client.destroy();
  return found;
}

export function recordOf(data: Uint8Array, sequenceNumber: string): LoadRecord {
  const [writer = '', n] = Buffer.from(data).toString().split(' ');
  return { writer, n: Number(n), sequenceNumber };
}

/** At the beginning of the stream; good at each machine. */
export async function iteratorAt(endpoint: string): Promise<string> {
  const client = newestAt(endpoint);
  try {
    return await iteratorOf(client);
  } finally {
    client.destroy();
  }
}

function newestAt(endpoint: string): KinesisClient {
  return withHeaders(new KinesisClient(clientOptions(endpoint)), NEWEST);
}

async function iteratorOf(client: KinesisClient): Promise<string> {
  const ShardId = 'shardId-000000000000';
  const { ShardIterator = '' } = await client.send(
    new GetShardIteratorCommand({ StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
  );
  return ShardIterator;
}

/** Every put was acknowledged: each record is there once, under its number, and those of a writer are in order. */
export function checkLoad(found: readonly LoadRecord[], acknowledged: readonly LoadRecord[]): void {
  const numbers = found.map(({ sequenceNumber }) => BigInt(sequenceNumber));
  for (const [at, number] of numbers.entries()) {
    const before = numbers[at - 1];
    assert.ok(before === undefined || before < number, `${number} lies behind ${before}`);
  }
  for (const writer of new Set([...found, ...acknowledged].map((record) => record.writer))) {
    const own = ({ writer: of }: LoadRecord): boolean => of === writer;
    assert.deepEqual(found.filter(own), acknowledged.filter(own), `the records of ${writer}`);
  }
}
