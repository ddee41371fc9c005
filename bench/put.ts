/**
 * PutRecord and PutRecords over HTTP/1.1 against a bare node:http server that reads the same bodies and answers a
 * constant. The two take turns, five times, in one run on one machine: read the ratio, not the figures.
 * `node bench/put.ts [secondsPerRound]`
 */
import { randomBytes } from 'node:crypto';
import { httpRequest, median, runLoad, type LoadResult } from './support/load.ts';
import { startBareServer, startNagare, type Running } from './support/processes.ts';

const ROUNDS = 5;
const durationMs = Number(process.argv[2] ?? 3) * 1000;

interface Case {
  readonly name: string;
  readonly connections: number;
  readonly recordsPerRequest: number;
  readonly requests: readonly Buffer[];
}

function call(operation: string, body: object): Buffer {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
  };
  return httpRequest('/', headers, JSON.stringify(body));
}

const record = (bytes: number): { Data: string; PartitionKey: string } => ({
  Data: randomBytes(bytes).toString('base64'),
  PartitionKey: randomBytes(8).toString('hex'),
});

const putRecords = (bytes: number): Buffer =>
  call('PutRecords', { StreamName: 'bench', Records: Array.from({ length: 500 }, () => record(bytes)) });

const cases: readonly Case[] = [
  {
    name: 'PutRecord, 100 B, 64 connections',
    connections: 64,
    recordsPerRequest: 1,
    requests: Array.from({ length: 256 }, () => call('PutRecord', { StreamName: 'bench', ...record(100) })),
  },
  {
    name: 'PutRecords, 500 x 100 B, 16 connections',
    connections: 16,
    recordsPerRequest: 500,
    requests: Array.from({ length: 16 }, () => putRecords(100)),
  },
  {
    name: 'PutRecords, 500 x 1 KiB, 16 connections',
    connections: 16,
    recordsPerRequest: 500,
    requests: Array.from({ length: 16 }, () => putRecords(1024)),
  },
];

async function createStream(port: number): Promise<void> {
  const post = async (operation: string, body: object): Promise<string> => {
    const answer = await fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `Kinesis_20131202.${operation}`,
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return await answer.text();
  };
  await post('CreateStream', { StreamName: 'bench', ShardCount: 4 });
  while (!(await post('DescribeStreamSummary', { StreamName: 'bench' })).includes('"ACTIVE"')) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function measure(
  bare: Running,
  nagare: Running,
  { name, connections, recordsPerRequest, requests }: Case,
): Promise<void> {
  const bareRounds: LoadResult[] = [];
  const nagareRounds: LoadResult[] = [];
  await runLoad({ port: nagare.port, connections, durationMs: durationMs / 2, requests }); // warms both ends up
  for (let round = 0; round < ROUNDS; round++) {
    bareRounds.push(await runLoad({ port: bare.port, connections, durationMs, requests }));
    nagareRounds.push(await runLoad({ port: nagare.port, connections, durationMs, requests }));
  }
  const failures = nagareRounds.reduce((sum, round) => sum + round.failures, 0);
  const ratios = nagareRounds.map(
    (round, i) => round.requestsPerSecond / (bareRounds[i]?.requestsPerSecond ?? Number.NaN),
  );
  const nagareRate = median(nagareRounds.map((round) => round.requestsPerSecond));
  const bareRate = median(bareRounds.map((round) => round.requestsPerSecond));
  const columns = [
    name,
    `${Math.round(nagareRate * recordsPerRequest)} records/s`,
    `${Math.round(nagareRate)} requests/s`,
    `bare ${Math.round(bareRate)} requests/s`,
    `ratio ${median(ratios).toFixed(2)}`,
    `p50 ${median(nagareRounds.map((round) => round.p50Ms)).toFixed(2)} ms`,
    `p99 ${median(nagareRounds.map((round) => round.p99Ms)).toFixed(2)} ms`,
  ];
  if (failures > 0) columns.push(`${failures} FAILED`);
  process.stdout.write(`| ${columns.join(' | ')} |\n`);
}

const bare = await startBareServer();
const nagare = await startNagare();
try {
  await createStream(nagare.port);
  for (const one of cases) await measure(bare, nagare, one);
} finally {
  await bare.stop();
  await nagare.stop();
}
