/**
 * PutObject and GetObject of 1 KiB (16 connections) and of 64 MiB (one after another), of this checkout and of another
 * one, in turns in one run on one machine: read the ratios, not the figures.
 * `node bench/objects.ts <other checkout> [secondsPerRound] [rounds]`
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './support/load.ts';

const [other, seconds = '2', rounds = '5'] = process.argv.slice(2);
if (other === undefined) throw new Error('usage: node bench/objects.ts <other checkout> [seconds] [rounds]');
const durationMs = Number(seconds) * 1000;
const small = randomBytes(1024);
const large = randomBytes(64 * 1024 * 1024);
const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
const headers = {
  'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
  authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
  'x-amz-date': new Date().toISOString().replace(/[-:]|\.\d+/g, ''),
};

interface Server {
  readonly port: number;
  readonly process: ChildProcess;
  readonly folder: string;
}

function request(port: number, method: string, path: string, body?: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': body.length };
    const sent = http.request({ agent, port, method, path, headers: { ...headers, ...length } }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () =>
        answer.statusCode === 200
          ? resolve(bytes)
          : reject(new Error(`${method} ${path}: ${answer.statusCode}`)),
      );
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

async function start(checkout: string): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const port = await freePort();
  const args = [
    join(checkout, 'src/main.ts'),
    'start',
    '--port',
    String(port),
    '--data-dir',
    join(folder, 'data'),
  ];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  for (let attempt = 0; attempt < 1_200; attempt++) {
    const isUp = await request(port, 'PUT', '/bench').then(
      () => true,
      () => false,
    );
    if (isUp) return { port, process: child, folder };
    await sleep(50);
  }
  throw new Error(`${checkout} does not start`);
}

/** How often `work` was done in a second, by so many at once. */
async function rate(atOnce: number, work: (n: number) => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  let done = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - begun < durationMs) await work(done++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return (done * 1000) / (performance.now() - begun);
}

const cases: Readonly<Record<string, (port: number) => Promise<number>>> = {
  'PutObject 1 KiB': (port) => rate(16, (n) => request(port, 'PUT', `/bench/small/${n % 500}.bin`, small)),
  'GetObject 1 KiB': (port) => rate(16, () => request(port, 'GET', '/bench/small/1.bin')),
  'PutObject 64 MiB': (port) => rate(1, () => request(port, 'PUT', '/bench/large.bin', large)),
  'GetObject 64 MiB': (port) => rate(1, () => request(port, 'GET', '/bench/large.bin')),
};

const servers = [await start(join(import.meta.dirname, '..')), await start(other)];
try {
  for (const [name, measure] of Object.entries(cases)) {
    const rates: [number[], number[]] = [[], []];
    for (const server of servers) await measure(server.port);
    for (let round = 0; round < Number(rounds); round++) {
      for (const [which, { port }] of servers.entries()) rates[which]?.push(await measure(port));
    }
    const [own, others] = rates.map(median);
    const ratio = ((own ?? 0) / (others ?? 1)).toFixed(2);
    console.log(`${name}: ${own?.toFixed(1)}/s, other ${others?.toFixed(1)}/s, ratio ${ratio}`);
  }
} finally {
  for (const { process: child, folder } of servers) {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    await rm(folder, { recursive: true, force: true });
  }
  agent.destroy();
}
