/**
 * The HTTP edge and the protocols (decode, check, answer) over an operation that does nothing, against a bare
 * node:http server that reads the same bodies and answers a constant. The two take turns in one run on one machine:
 * read the ratios, not the figures. The ratio of processor time holds on a machine that has other work, too.
 * `node bench/http.ts [secondsPerRound] [rounds]`
 */
import { randomBytes } from 'node:crypto';
import { httpRequest, median, runLoad } from './support/load.ts';
import { processorMs, startBareServer, startProgram, type Running } from './support/processes.ts';

const durationMs = Number(process.argv[2] ?? 2) * 1000;
const rounds = Number(process.argv[3] ?? 5);

function call(operation: string, body: object): Buffer {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
    // As much as an SDK sends.
    'user-agent': 'aws-sdk-js/3.1143.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#24.21.0 api/kinesis#3.1143.0',
    'amz-sdk-invocation-id': '5b0a1f7e-8c0f-4a7e-9d2f-0b1c2d3e4f50',
    'amz-sdk-request': 'attempt=1; max=3',
    'x-amz-date': '20260101T000000Z',
    'x-amz-content-sha256': '0'.repeat(64),
    authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=amz-sdk-invocation-id;host;x-amz-date, Signature=${'0'.repeat(64)}`,
  };
  return httpRequest('/', headers, JSON.stringify(body));
}

const record = (bytes: number): { Data: string; PartitionKey: string } => ({
  Data: randomBytes(bytes).toString('base64'),
  PartitionKey: randomBytes(8).toString('hex'),
});

const cases = [
  {
    name: 'PutRecord, 100 B, 32 connections',
    connections: 32,
    requests: Array.from({ length: 64 }, () => call('PutRecord', { StreamName: 'bench', ...record(100) })),
  },
  {
    name: 'PutRecords, 500 x 100 B, 8 connections',
    connections: 8,
    requests: Array.from({ length: 4 }, () =>
      call('PutRecords', { StreamName: 'bench', Records: Array.from({ length: 500 }, () => record(100)) }),
    ),
  },
];

interface Round {
  readonly requestsPerSecond: number;
  readonly processorUsPerRequest: number;
}

async function round(server: Running, load: (typeof cases)[number]): Promise<Round> {
  const before = await processorMs(server);
  const { requestsPerSecond, failures } = await runLoad({ port: server.port, durationMs, ...load });
  if (failures > 0) throw new Error(`${failures} requests failed`);
  const spentMs = (await processorMs(server)) - before;
  return { requestsPerSecond, processorUsPerRequest: (spentMs * 1e6) / (requestsPerSecond * durationMs) };
}

const bare = await startBareServer();
const edge = await startProgram(['bench/support/edge-server.ts']);
try {
  for (const one of cases) {
    await round(edge, one); // warms both ends up
    const pairs: { bare: Round; edge: Round }[] = [];
    for (let i = 0; i < rounds; i++)
      pairs.push({ bare: await round(bare, one), edge: await round(edge, one) });
    const of = (pick: (pair: { bare: Round; edge: Round }) => number): number => median(pairs.map(pick));
    const columns = [
      one.name,
      `${Math.round(of((pair) => pair.edge.requestsPerSecond))} requests/s`,
      `bare ${Math.round(of((pair) => pair.bare.requestsPerSecond))} requests/s`,
      `ratio ${of((pair) => pair.edge.requestsPerSecond / pair.bare.requestsPerSecond).toFixed(2)}`,
      `${of((pair) => pair.edge.processorUsPerRequest).toFixed(1)} us of processor`,
      `bare ${of((pair) => pair.bare.processorUsPerRequest).toFixed(1)} us`,
      `ratio ${of((pair) => pair.bare.processorUsPerRequest / pair.edge.processorUsPerRequest).toFixed(2)}`,
    ];
    process.stdout.write(`| ${columns.join(' | ')} |\n`);
  }
} finally {
  await bare.stop();
  await edge.stop();
}
