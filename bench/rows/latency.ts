import { KinesisClient, SubscribeToShardCommand } from '@aws-sdk/client-kinesis';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { call, callBytes, createListLog, createStream, STREAM } from '../support/kinesis.ts';
import { quantile, readOne } from '../support/load.ts';
import { startNagare } from '../support/processes.ts';
import { atMostMs, type BenchOptions, type Row } from '../support/row.ts';

const PUTS_PER_SECOND = 1000;
const SYNCS = 200;
const LINES_PER_ROUND = 60;

/** From a put being sent to its record arriving at a subscriber (SubscribeToShard, by the AWS SDK). */
export async function pushed({ rounds, roundMs }: BenchOptions): Promise<Row> {
  await using ours = await startNagare();
  await createStream(ours.port, 1);
  const sentMs: number[] = [];
  let latencies: number[] = [];
  const client = new KinesisClient({
    endpoint: `http://127.0.0.1:${ours.port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
  });
  const stop = new AbortController();
  const listening = subscribe(client, await consumer(ours.port), stop.signal, (ordinal) => {
    latencies.push(performance.now() - (sentMs[ordinal] ?? Number.NaN));
  });
  await sleep(300);
  const nagare: number[] = [];
  const p99Ms: number[] = [];
  const syncs: number[] = [];
  await putAtRate(ours.port, roundMs, sentMs); // warms both ends up
  for (let round = 0; round < rounds; round++) {
    syncs.push(await oneSync());
    latencies = [];
    await putAtRate(ours.port, roundMs, sentMs);
    await sleep(300);
    latencies.sort((a, b) => a - b);
    nagare.push(quantile(latencies, 0.5));
    p99Ms.push(quantile(latencies, 0.99));
  }
  stop.abort();
  await listening;
  client.destroy();
  return {
    work: 'PutRecord to pushed subscriber, 1,000 records/s',
    unit: 'ms',
    nagare,
    p99Ms,
    baseline: { name: 'one fdatasync', values: syncs },
    goals: [atMostMs('p50', 2, nagare), atMostMs('p99', 15, p99Ms)],
  };
}

export async function consumer(port: number): Promise<string> {
  const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;
  const answer = await call(port, 'RegisterStreamConsumer', {
    StreamARN,
    ConsumerName: `bench-${performance.now().toFixed(0)}`,
  });
  // The answer of our own server.
  const { ConsumerARN } = (answer as { Consumer: { ConsumerARN: string } }).Consumer;
  for (;;) {
    const description = JSON.stringify(await call(port, 'DescribeStreamConsumer', { ConsumerARN }));
    if (description.includes('"ACTIVE"')) return ConsumerARN;
    await sleep(10);
  }
}

export async function subscribe(
  client: KinesisClient,
  ConsumerARN: string,
  signal: AbortSignal,
  onRecord: (ordinal: number) => void,
): Promise<void> {
  const command = new SubscribeToShardCommand({
    ConsumerARN,
    ShardId: 'shardId-000000000000',
    StartingPosition: { Type: 'LATEST' },
  });
  try {
    const { EventStream = [] } = await client.send(command, { abortSignal: signal });
    for await (const { SubscribeToShardEvent } of EventStream) {
      for (const { Data } of SubscribeToShardEvent?.Records ?? []) {
        onRecord(Number(Buffer.from(Data ?? []).toString()));
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Puts at an even rate, whether or not earlier ones have been answered. Each record holds its ordinal. */
async function putAtRate(port: number, durationMs: number, sentMs: number[]): Promise<void> {
  const connections = await Promise.all(Array.from({ length: 32 }, () => readOne(port)));
  const free = [...connections];
  const open = new Set<Promise<Buffer>>();
  const began = performance.now();
  const wanted = Math.floor((durationMs / 1000) * PUTS_PER_SECOND);
  for (let sent = 0; sent < wanted;) {
    const due = Math.floor(((performance.now() - began) / 1000) * PUTS_PER_SECOND);
    for (; sent < Math.min(due, wanted); sent++) {
      const connection = free.pop();
      if (connection === undefined) break;
      const ordinal = sentMs.length;
      const Data = Buffer.from(String(ordinal)).toString('base64');
      const request = callBytes('PutRecord', { StreamName: STREAM, Data, PartitionKey: 'key' });
      sentMs.push(performance.now());
      const put = connection.send(request);
      const done = put.finally(() => {
        free.push(connection);
        open.delete(done);
      });
      open.add(done);
    }
    await sleep(1);
  }
  await Promise.all(open);
  for (const connection of connections) await connection[Symbol.asyncDispose]();
}

async function oneSync(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const file = await open(join(folder, 'file'), 'w');
  const times: number[] = [];
  for (let i = 0; i < SYNCS; i++) {
    const began = performance.now();
    await file.write(Buffer.alloc(200));
    await file.datasync();
    times.push(performance.now() - began);
  }
  await file.close();
  await rm(folder, { recursive: true });
  return quantile(
    times.toSorted((a, b) => a - b),
    0.5,
  );
}

/** From a put being sent to its line being readable over S3, while nothing else happens. */
export async function lines({ rounds }: BenchOptions): Promise<Row> {
  await using ours = await startNagare();
  const { port } = ours;
  const object = `http://127.0.0.1:${port}/my-bucket-name/log.txt`;
  const size = async (): Promise<number> => {
    const answer = await fetch(object, { method: 'HEAD' });
    return answer.ok ? Number(answer.headers.get('content-length')) : 0;
  };
  await createStream(port, 4);
  await createListLog(port);
  const nagare: number[] = [];
  const p99Ms: number[] = [];
  const syncs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    syncs.push(await oneSync());
    const times: number[] = [];
    for (let i = 0; i < LINES_PER_ROUND; i++) {
      const before = await size();
      const Data = Buffer.from(JSON.stringify({ message: `message ${i}` })).toString('base64');
      const began = performance.now();
      await call(port, 'PutRecord', { StreamName: STREAM, Data, PartitionKey: `${i}` });
      while ((await size()) === before);
      times.push(performance.now() - began);
      await sleep(5);
    }
    times.sort((a, b) => a - b);
    nagare.push(quantile(times, 0.5));
    p99Ms.push(quantile(times, 0.99));
  }
  return {
    work: 'PutRecord to a line in the list log, idle',
    unit: 'ms',
    nagare,
    p99Ms,
    baseline: { name: 'one fdatasync', values: syncs },
    goals: [atMostMs('p50', 20, nagare)],
  };
}
