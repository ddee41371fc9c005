/**
 * What hostile clients cost, in one run: bodies with millions of values beside JSON.parse of the same bytes, and
 * connections that ask for 10 MiB of records each and do not read. Ends with 1 when a bound is not held.
 *
 *   node bench/hostile.ts [slow readers, 400] [seconds, 8]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNagare } from './support/processes.ts';

const MIB = 1024 * 1024;
const BOMB_BYTES = 20_000_000;
/** Of JSON.parse for the same bytes, and of their number. */
const BOMB_TIMES_MAX = 5;
const BOMB_MEMORY_TIMES_MAX = 3;
const SLOW_MEMORY_MB_MAX = 300;
const SLOW_P99_TIMES_MAX = 3;

const [readers = 400, seconds = 8] = process.argv.slice(2).map(Number);
let held = true;
await using server = await startNagare('--log-level', 'error');
const pid = server.process.pid ?? 0;
const agent = new Agent({ keepAlive: true });

await bomb('a list of empty records', `{"StreamName":"s","Records":[${'{},'.repeat(BOMB_BYTES / 3)}{}]}`);
await bomb(
  'members of one map',
  `{${Array.from({ length: BOMB_BYTES / 13 }, (_, n) => `"k${n}":1`).join(',')}}`,
);
await bomb('nested lists', `{"X":${'['.repeat(BOMB_BYTES / 2)}${']'.repeat(BOMB_BYTES / 2)}}`);
await slowReaders();
agent.destroy();
process.exitCode = held ? 0 : 1;

async function bomb(what: string, body: string): Promise<void> {
  const parsed = await median(async () => void JSON.parse(body));
  // The first collects the memory that the next are read into.
  await call('PutRecords', body);
  await resetPeak();
  const before = await memoryMb('VmRSS');
  const refused = await median(async () => {
    const { status } = await call('PutRecords', body);
    if (status !== 400) throw new Error(`${what}: answered with ${status}`);
  });
  const grown = (await memoryMb('VmHWM')) - before;
  const size = body.length / MIB;
  tell(
    `${what}, ${size.toFixed(0)} MiB: refused in ${refused.toFixed(0)} ms, JSON.parse ${parsed.toFixed(0)} ms; ${grown.toFixed(0)} MB`,
    refused <= BOMB_TIMES_MAX * parsed && grown <= BOMB_MEMORY_TIMES_MAX * size,
  );
}

async function slowReaders(): Promise<void> {
  for (const StreamName of ['large', 'small']) await ask('CreateStream', { StreamName, ShardCount: 1 });
  const Data = Buffer.alloc(1000 * 1024, 'x').toString('base64');
  for (let n = 0; n < 12; n++) await ask('PutRecord', { StreamName: 'large', PartitionKey: 'k', Data });
  const { ShardIterator } = (await ask('GetShardIterator', {
    StreamName: 'large',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  })) as { ShardIterator: string };
  await latencies(2);
  const alone = p99(await latencies(seconds));
  const before = await memoryMb('VmRSS');
  await resetPeak();
  const sockets = Array.from({ length: readers }, () => slowReader(JSON.stringify({ ShardIterator })));
  const among = p99(await latencies(seconds));
  const grown = (await memoryMb('VmHWM')) - before;
  for (const socket of sockets) socket.destroy();
  tell(
    `${readers} readers that do not read: ${grown.toFixed(0)} MB more; PutRecord of another client, p99: ${among.toFixed(1)} ms, alone ${alone.toFixed(1)} ms`,
    grown <= SLOW_MEMORY_MB_MAX && among <= SLOW_P99_TIMES_MAX * alone,
  );
}

/** Asks for records, and takes what its system takes for it. */
function slowReader(body: string): Socket {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  socket.write(
    `POST / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n${Object.entries(headersOf('GetRecords', body))
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${body}`,
  );
  return socket;
}

/** Of PutRecord, one after the other, in milliseconds. */
async function latencies(forSeconds: number): Promise<number[]> {
  const took: number[] = [];
  const body = JSON.stringify({ StreamName: 'small', PartitionKey: 'k', Data: 'eA==' });
  for (const endMs = performance.now() + forSeconds * 1000; performance.now() < endMs;) {
    const startedMs = performance.now();
    await call('PutRecord', body);
    took.push(performance.now() - startedMs);
    await sleep(1);
  }
  return took;
}

function p99(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
}

async function median(work: () => Promise<void>): Promise<number> {
  const took: number[] = [];
  for (let n = 0; n < 3; n++) {
    const startedMs = performance.now();
    await work();
    took.push(performance.now() - startedMs);
  }
  return took.toSorted((a, b) => a - b)[1] ?? 0;
}

async function ask(operation: string, input: object): Promise<unknown> {
  const { status, body } = await call(operation, JSON.stringify(input));
  if (status !== 200) throw new Error(`${operation}: ${status} ${body}`);
  return body === '' ? {} : JSON.parse(body);
}

function call(operation: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { port: server.port, method: 'POST', agent, headers: headersOf(operation, body) };
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function headersOf(operation: string, body: string): Record<string, string | number> {
  return {
    'content-length': Buffer.byteLength(body),
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
    authorization:
      'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0',
  };
}

async function memoryMb(what: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'latin1');
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

/** The peak (VmHWM) begins over. */
async function resetPeak(): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5');
}

function tell(what: string, isWithin: boolean): void {
  console.log(`${isWithin ? 'held' : 'NOT HELD'}: ${what}`);
  held &&= isWithin;
}
