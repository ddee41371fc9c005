/**
 * Copying a stream by `nagare tail --ndjson | nagare put --ndjson`, against one GetRecords reader and one PutRecords
 * writer in one process that do nothing else, in turns: records per second, and the processor time of a record in the
 * server and its clients, which other work on the machine changes less.
 *
 *   node bench/cli-copy.ts [records, 100000] [rounds, 3]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { call } from './support/kinesis.ts';
import { processorMs, startNagare } from './support/processes.ts';

const [count = 100_000, rounds = 3] = process.argv.slice(2).map(Number);
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
await using nagare = await startNagare();
const { port } = nagare;
for (const StreamName of ['from', ...Array.from({ length: 2 * rounds }, (_, at) => `to${at}`)]) {
  await call(port, 'CreateStream', { StreamName, ShardCount: 1 });
}
const Data = Buffer.alloc(100, 'x').toString('base64');
const Records = Array.from({ length: 500 }, (_, at) => ({ Data, PartitionKey: `key ${at}` }));
for (let at = 0; at < count; at += 500) await call(port, 'PutRecords', { StreamName: 'from', Records });

const ratios: number[] = [];
for (let round = 0; round < rounds; round++) {
  const bare = await timed(() => copyBare(`to${2 * round}`));
  const cli = await timed(() => copyByCommands(`to${2 * round + 1}`));
  ratios.push(cli.perSecond / bare.perSecond);
  console.log(`bare ${told(bare)}; commands ${told(cli)}; ratio ${ratios.at(-1)?.toFixed(2)}`);
}
console.log(`median ratio ${ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]?.toFixed(2)}`);

interface Timed {
  readonly perSecond: number;
  /** Of a record. */
  readonly serverMicroseconds: number;
  readonly clientMicroseconds: number;
}

function told({ perSecond, serverMicroseconds, clientMicroseconds }: Timed): string {
  const processor = `${serverMicroseconds.toFixed(1)} + ${clientMicroseconds.toFixed(1)} µs of processor time`;
  return `${perSecond.toFixed(0)}/s (${processor})`;
}

/** `copy` resolves with the processor time of its other processes, in milliseconds. */
async function timed(copy: () => Promise<number>): Promise<Timed> {
  const began = performance.now();
  const serverMs = await processorMs(nagare);
  const own = process.cpuUsage();
  const othersMs = await copy();
  const { user, system } = process.cpuUsage(own);
  return {
    perSecond: (count * 1000) / (performance.now() - began),
    serverMicroseconds: (((await processorMs(nagare)) - serverMs) * 1000) / count,
    clientMicroseconds: (user + system + othersMs * 1000) / count,
  };
}

interface Page {
  readonly Records: readonly { readonly Data: string; readonly PartitionKey: string }[];
  readonly NextShardIterator: string;
  readonly MillisBehindLatest: number;
}

/** The next page is read while the last one is written. */
async function copyBare(to: string): Promise<number> {
  const start = { StreamName: 'from', ShardId: 'shardId-000000000000', ShardIteratorType: 'TRIM_HORIZON' };
  let { ShardIterator } = (await call(port, 'GetShardIterator', start)) as { ShardIterator: string };
  let writing = Promise.resolve();
  for (;;) {
    const page = (await call(port, 'GetRecords', { ShardIterator })) as Page;
    ShardIterator = page.NextShardIterator;
    await writing;
    writing = write(to, page.Records);
    if (page.MillisBehindLatest === 0) break;
  }
  await writing;
  return 0;
}

async function write(StreamName: string, records: Page['Records']): Promise<void> {
  for (let at = 0; at < records.length; at += 500) {
    const batch = records
      .slice(at, at + 500)
      .map(({ Data: data, PartitionKey }) => ({ Data: data, PartitionKey }));
    await call(port, 'PutRecords', { StreamName, Records: batch });
  }
}

async function copyByCommands(to: string): Promise<number> {
  const env = { ...process.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  const tail = spawn(process.execPath, [main, 'tail', 'from', '--no-follow', '--ndjson'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const put = spawn(process.execPath, [main, 'put', to, '--ndjson'], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env,
  });
  tail.stdout.pipe(put.stdin);
  // A process that has ended tells no times any more.
  const used = new Map<ChildProcess, number>();
  const look = setInterval(() => {
    for (const child of [tail, put]) {
      void processorMs({ process: child }).then(
        (ms) => used.set(child, ms),
        () => undefined,
      );
    }
  }, 50);
  const [code] = (await once(put, 'close')) as [number];
  clearInterval(look);
  if (code !== 0) throw new Error(`put ended with ${code}`);
  return [...used.values()].reduce((sum, ms) => sum + ms, 0);
}
