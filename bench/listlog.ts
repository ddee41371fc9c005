/**
 * The list log: how long after a put its line can be read over S3 while the server is idle, and how many lines a
 * second it writes when it is busy. The put itself, and one write with fdatasync to the same disk, are measured
 * beside it. `node bench/listlog.ts [puts] [seconds]`
 */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startNagare } from './support/processes.ts';

const puts = Number(process.argv[2] ?? 300);
const seconds = Number(process.argv[3] ?? 5);

const server = await startNagare('--log-level', 'error');
const endpoint = `http://127.0.0.1:${server.port}`;
const object = `${endpoint}/my-bucket-name/log.txt`;

async function call(target: string, body: object): Promise<unknown> {
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  const text = await answer.text();
  return text === '' ? {} : JSON.parse(text);
}

const kinesis = (operation: string, body: object) => call(`Kinesis_20131202.${operation}`, body);
const recordOf = (message: string) => ({
  Data: Buffer.from(JSON.stringify({ message })).toString('base64'),
  PartitionKey: message,
});

async function sizeOf(): Promise<number> {
  const answer = await fetch(object, { method: 'HEAD' });
  return answer.ok ? Number(answer.headers.get('content-length')) : 0;
}

function quantiles(values: number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(2);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function idle(): Promise<void> {
  const acknowledged: number[] = [];
  const readable: number[] = [];
  for (let i = 0; i < puts; i++) {
    const before = await sizeOf();
    const began = performance.now();
    await kinesis('PutRecord', { StreamName: 'bench', ...recordOf(`message ${i}`) });
    acknowledged.push(performance.now() - began);
    while ((await sizeOf()) === before);
    readable.push(performance.now() - began);
    await sleep(5);
  }
  console.log(`idle, ${puts} puts one after another, from the put being sent:`);
  console.log(`  put acknowledged     ${quantiles(acknowledged)}`);
  console.log(`  line readable by S3  ${quantiles(readable)}`);
}

async function busy(): Promise<void> {
  const linesBefore = await lineCount();
  let sent = 0;
  const until = performance.now() + seconds * 1000;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; performance.now() < until; i++) {
        const Records = Array.from({ length: 500 }, (_, j) =>
          recordOf(`${writer}.${i}.${j} ${'x'.repeat(80)}`),
        );
        await kinesis('PutRecords', { StreamName: 'bench', Records });
        sent += Records.length;
      }
    }),
  );
  const put = performance.now() - began;
  while ((await lineCount()) < linesBefore + sent) await sleep(5);
  const written = performance.now() - began;
  const perSecond = (ms: number) => `${Math.round((sent / ms) * 1000).toLocaleString('en-US')} a second`;
  console.log(`busy, PutRecords of 500 x 100 B on 4 connections for ${seconds} s into 4 shards:`);
  console.log(`  records put          ${perSecond(put)}`);
  console.log(
    `  lines written        ${perSecond(written)}, the last ${(written - put).toFixed(0)} ms after its put`,
  );
}

async function lineCount(): Promise<number> {
  const answer = await call('NagareListLog_20261101.DescribeListLog', { ListLogName: 'bench' });
  // The answer of our own API.
  return (answer as { ListLogDescription: { Lines?: number } }).ListLogDescription.Lines ?? 0;
}

async function disk(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const file = await open(join(folder, 'file'), 'w');
  const times: number[] = [];
  for (let i = 0; i < puts; i++) {
    const began = performance.now();
    await file.write(Buffer.alloc(200));
    await file.datasync();
    times.push(performance.now() - began);
  }
  await file.close();
  await rm(folder, { recursive: true });
  console.log(`one write of 200 B with fdatasync: ${quantiles(times)}`);
}

try {
  await kinesis('CreateStream', { StreamName: 'bench', ShardCount: 4 });
  await call('NagareListLog_20261101.CreateListLog', {
    ListLogName: 'bench',
    Stream: 'bench',
    Bucket: 'my-bucket-name',
    Key: 'log.txt',
  });
  await sleep(200);
  await disk();
  await idle();
  await busy();
} finally {
  await server.stop();
}
