/**
 * What a server costs that has nothing to do: empty, then with many streams that get a trickle of records, and with
 * many subscribers and waiting readers. Processor time and memory of its own, from /proc.
 *
 *   node bench/idle.ts [streams, 10000] [subscribers, 1000] [seconds each, 10]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request, Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const [streams = 10_000, subscribers = 1000, seconds = 10] = process.argv.slice(2).map(Number);
const STREAMS_SUBSCRIBED = Math.ceil(subscribers / 20);
const folder = await mkdtemp(join(tmpdir(), 'nagare-idle-'));
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const began = performance.now();
const server = spawn(
  process.execPath,
  [main, 'start', '--port', '0', '--data-dir', folder, '--log-level', 'error'],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
try {
  const endpoint = await addressOf();
  console.log(`ready after ${(performance.now() - began).toFixed(0)} ms`);
  await tell('empty');
  await inTurns(streams, 32, (n) => call(endpoint, 'CreateStream', { StreamName: `s${n}`, ShardCount: 1 }));
  await tell(`${streams} streams, idle`);
  let put = 0;
  const trickle = setInterval(() => {
    const PartitionKey = 'k';
    void call(endpoint, 'PutRecord', { StreamName: `s${put++ % streams}`, PartitionKey, Data: 'eA==' });
  }, 10);
  await tell('100 records a second among them');
  clearInterval(trickle);
  const consumers = await register(endpoint);
  for (const arn of consumers) subscribe(endpoint, arn);
  await sleep(3000);
  await tell(`${consumers.length} idle subscribers`);
} finally {
  agent.destroy();
  server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

/** Up to 20 consumers a stream. */
async function register(endpoint: string): Promise<string[]> {
  const arns: string[] = [];
  await inTurns(STREAMS_SUBSCRIBED, 8, async (n) => {
    for (let consumer = 0; consumer < 20 && arns.length < subscribers; consumer++) {
      const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/s${n}`;
      const answer = await call(endpoint, 'RegisterStreamConsumer', {
        StreamARN,
        ConsumerName: `c${consumer}`,
      });
      // As the API says.
      arns.push((answer['Consumer'] as { ConsumerARN: string }).ConsumerARN);
    }
  });
  return arns;
}

/** A connection each; what comes is thrown away. */
function subscribe(endpoint: string, ConsumerARN: string): void {
  const ShardId = 'shardId-000000000000';
  const body = JSON.stringify({ ConsumerARN, ShardId, StartingPosition: { Type: 'LATEST' } });
  const sent = request(endpoint, { method: 'POST', headers: headersOf('SubscribeToShard') }, (answer) => {
    answer.resume();
    answer.on('error', () => undefined);
  });
  sent.on('error', () => undefined);
  sent.end(body);
}

async function tell(what: string): Promise<void> {
  await sleep(2000);
  const before = await cpuMs();
  await sleep(seconds * 1000);
  const percent = ((await cpuMs()) - before) / (seconds * 10);
  const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
  const anonymous = Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  console.log(`${what}: ${percent.toFixed(2)} % of a core, RssAnon ${anonymous.toFixed(0)} MB`);
}

/** User and system time so far; the kernel counts in hundredths of a second. */
async function cpuMs(): Promise<number> {
  const stat = await readFile(`/proc/${server.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function inTurns(count: number, atOnce: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function headersOf(operation: string): Record<string, string> {
  return {
    authorization:
      'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=a',
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
  };
}

function call(endpoint: string, operation: string, input: object): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', agent, headers: headersOf(operation) }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => {
        if (answer.statusCode !== 200) reject(new Error(`${operation}: ${text}`));
        else resolve(text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)); // as the API says
      });
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(input));
  });
}

async function addressOf(): Promise<string> {
  let printed = '';
  for await (const chunk of server.stdout) {
    printed += String(chunk);
    const address = /http:\/\/\S+:\d+(?=\s)/.exec(printed)?.[0];
    if (address !== undefined) {
      server.stdout.resume();
      return address;
    }
  }
  throw new Error(`the server ended: ${printed}`);
}
