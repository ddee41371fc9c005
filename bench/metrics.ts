/**
 * Whether reading /metrics holds up puts: the p50 and p99 of PutRecord on a server with many streams, without and with
 * a scraper, in turns.
 *
 *   node bench/metrics.ts [streams, 10000] [rounds, 5] [seconds each, 3] [ms between scrapes, 0]
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Not checked, but changes need one. */
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0';

const [streams = 10_000, rounds = 5, seconds = 3, pauseMs = 0] = process.argv.slice(2).map(Number);
const folder = await mkdtemp(join(tmpdir(), 'nagare-metrics-'));
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const args = [main, 'start', '--port', '0', '--data-dir', folder, '--log-level', 'error'];
const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
try {
  const endpoint = await addressOf();
  await inTurns(streams, 32, async (n) => {
    await call(endpoint, 'CreateStream', { StreamName: `s${n}`, ShardCount: 1 });
    await put(endpoint, n);
  });
  const without: number[] = [];
  const beside: number[] = [];
  for (let round = 0; round < rounds; round++) {
    without.push(...(await latencies(endpoint)));
    const scraper = scrape(endpoint);
    beside.push(...(await latencies(endpoint)));
    const { count, bytes, ms } = scraper.stop();
    console.log(
      `round ${round}: ${count} answers of ${(bytes / 1e6).toFixed(1)} MB, ${ms.toFixed(0)} ms each`,
    );
  }
  const tell = (name: string, all: number[]) =>
    console.log(`${name}: p50 ${at(all, 0.5)} ms, p99 ${at(all, 0.99)} ms (${all.length} puts)`);
  tell('without a scraper', without);
  tell('beside a scraper', beside);
} finally {
  agent.destroy();
  server.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);

async function latencies(endpoint: string): Promise<number[]> {
  const took: number[] = [];
  const endMs = performance.now() + seconds * 1000;
  let next = 0;
  while (performance.now() < endMs) {
    const began = performance.now();
    await put(endpoint, next++ % streams);
    took.push(performance.now() - began);
  }
  return took;
}

/** In a process of its own: what it reads must not hold up the client that measures. */
function scrape(endpoint: string) {
  const script = `for (;;) {
    const began = performance.now();
    const { byteLength } = await (await fetch('${endpoint}/metrics')).arrayBuffer();
    console.log(byteLength + ' ' + (performance.now() - began));
    await new Promise((resume) => setTimeout(resume, ${pauseMs}));
  }`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  return {
    stop() {
      child.kill('SIGKILL');
      const answers = output
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number));
      const ms = answers.reduce((sum, [, tookMs = 0]) => sum + tookMs, 0) / answers.length;
      return { count: answers.length, bytes: answers[0]?.[0] ?? 0, ms };
    },
  };
}

function at(values: number[], share: number): string {
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? 0).toFixed(2);
}

async function addressOf(): Promise<string> {
  for await (const chunk of server.stdout) {
    const found = /http:\/\/[\d.]+:\d+/.exec(String(chunk));
    if (found !== null) return found[0];
  }
  throw new Error('the server did not start');
}

async function inTurns(count: number, width: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

function put(endpoint: string, n: number): Promise<void> {
  return call(endpoint, 'PutRecord', { StreamName: `s${n}`, PartitionKey: 'k', Data: 'eA==' });
}

function call(endpoint: string, operation: string, input: object): Promise<void> {
  const body = JSON.stringify(input);
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `Kinesis_20131202.${operation}`,
    authorization: AUTHORIZATION,
    'content-length': String(Buffer.byteLength(body)),
  };
  return new Promise((resolve, reject) => {
    const sent = request(endpoint, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.once('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${operation}: ${answer.statusCode}`)),
      );
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
