import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { NodeHttp2Handler } from '@smithy/node-http-handler';
import { callBytes, createStream, randomRecord, STREAM } from '../support/kinesis.ts';
import { type Load, runLoad } from '../support/load.ts';
import {
  startBareHttp2Server,
  startBareServer,
  startKinesisLocal,
  startNagare,
  type Running,
} from '../support/processes.ts';
import { ratioAtLeast, type BenchOptions, type Row } from '../support/row.ts';

const IN_FLIGHT = 64;
const MOCK_CONNECTIONS = 4;
const SHARDS = 4;

/** PutRecord against a server that reads the body and answers a constant. */
export async function putRecord(options: BenchOptions): Promise<Row> {
  const load = { connections: IN_FLIGHT, durationMs: options.roundMs, requests: putRequests() };
  await using bare = await startBareServer();
  return await compare(
    'PutRecord, 100 B, 64 connections',
    'a bare node:http server',
    0.55,
    bare,
    requestRate(load),
    options,
  );
}

function putRequests(): Buffer[] {
  return Array.from({ length: 256 }, () =>
    callBytes('PutRecord', { StreamName: STREAM, ...randomRecord(100) }),
  );
}

function requestRate(load: Omit<Load, 'port'>): (server: Running) => Promise<number> {
  return async ({ port }) => {
    const { requestsPerSecond, failures } = await runLoad({ port, ...load });
    if (failures > 0) throw new Error(`${failures} requests failed`);
    return requestsPerSecond;
  };
}

/** PutRecord against the newest of the mocks; more than a few connections make it slower. */
export async function putRecordMock(options: BenchOptions): Promise<Row> {
  const load = { connections: MOCK_CONNECTIONS, durationMs: options.roundMs, requests: putRequests() };
  await using mock = await startKinesisLocal();
  await createStream(mock.port, SHARDS);
  const work = `PutRecord, 100 B, ${MOCK_CONNECTIONS} connections`;
  return await compare(work, 'kinesis-local, in memory', undefined, mock, requestRate(load), options);
}

/** The AWS SDK's own client, against the same client at a bare server. */
export async function putRecordBySdk(options: BenchOptions): Promise<Row> {
  const rate = async ({ port }: Running): Promise<number> => {
    const client = new KinesisClient({
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
      requestHandler: new NodeHttp2Handler({ disableConcurrentStreams: false }),
    });
    const Data = Buffer.alloc(100, 1);
    const began = performance.now();
    let count = 0;
    const sender = async (key: number): Promise<void> => {
      while (performance.now() < began + options.roundMs) {
        await client.send(new PutRecordCommand({ StreamName: STREAM, Data, PartitionKey: `key ${key}` }));
        count++;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, key) => sender(key)));
    const perSecond = (count * 1000) / (performance.now() - began);
    client.destroy();
    return perSecond;
  };
  await using bare = await startBareHttp2Server();
  const work = 'PutRecord, 100 B, AWS SDK v3 over HTTP/2, 64 in flight';
  return await compare(work, 'the same client at a bare node:http2 server', 0.8, bare, rate, options);
}

async function compare(
  work: string,
  name: string,
  least: number | undefined,
  bare: Running,
  rate: (server: Running) => Promise<number>,
  { rounds }: BenchOptions,
): Promise<Row> {
  await using ours = await startNagare();
  await createStream(ours.port, SHARDS);
  await rate(ours);
  await rate(bare);
  const nagare: number[] = [];
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    nagare.push(await rate(ours));
    values.push(await rate(bare));
  }
  return {
    work,
    unit: 'records/s',
    nagare,
    baseline: { name, values },
    goals: least === undefined ? [] : [ratioAtLeast(least, nagare, values)],
  };
}
