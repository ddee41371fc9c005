/**
 * What signatures cost: a server with `--auth required` beside one with `--auth off`, in turns in one run. PutRecords
 * is compared with what one bare SHA-256 of the same bodies leaves. Read the ratios; that of processor time holds on a
 * machine that has other work, too.
 * `node bench/signatures.ts [secondsPerRound] [rounds]`
 */
import { hash } from 'node:crypto';
import { loadavg } from 'node:os';
import { callBytes, createStream, randomRecord, signedBy, STREAM } from './support/kinesis.ts';
import { median, runLoad } from './support/load.ts';
import { processorMs, type Running, startNagare } from './support/processes.ts';

const durationMs = Number(process.argv[2] ?? 2) * 1000;
const rounds = Number(process.argv[3] ?? 5);
const SHARDS = 4;
const RECORDS = 500;
const key = { accessKeyId: 'AKIABENCH', secretAccessKey: 'the-secret-of-the-bench' };
const headers = signedBy(key);
process.env['NAGARE_ROOT_ACCESS_KEY_ID'] = key.accessKeyId;
process.env['NAGARE_ROOT_SECRET_ACCESS_KEY'] = key.secretAccessKey;

const record = (): object => ({ StreamName: STREAM, ...randomRecord(100) });
const batch = (): object => ({
  StreamName: STREAM,
  Records: Array.from({ length: RECORDS }, () => randomRecord(1024)),
});
const HASH_TURNS = 20;
const WARM_UP_MS_MAX = 15_000;

interface Case {
  readonly name: string;
  readonly operation: string;
  readonly connections: number;
  readonly least: number;
  /** The ratio is that of what one bare SHA-256 of the bodies leaves. */
  readonly comparesWithHash: boolean;
  readonly bodies: readonly object[];
  readonly warmUpRequests: number;
}

const cases: readonly Case[] = [
  {
    name: 'PutRecord, 100 B, 64 connections',
    operation: 'PutRecord',
    connections: 64,
    least: 0.85,
    comparesWithHash: false,
    bodies: Array.from({ length: 256 }, record),
    warmUpRequests: 30_000,
  },
  {
    name: `PutRecords, ${RECORDS} x 1 KiB, 16 connections`,
    operation: 'PutRecords',
    connections: 16,
    least: 0.9,
    comparesWithHash: true,
    bodies: Array.from({ length: 16 }, batch),
    warmUpRequests: 500,
  },
];

interface Round {
  readonly requestsPerSecond: number;
  readonly processorUs: number;
}

/** Both servers get the same bytes: signatures are not checked by one of them. */
async function round(server: Running, { operation, connections, bodies }: Case): Promise<Round> {
  // Signed now: the time of a request may differ by five minutes.
  const requests = bodies.map((body) => callBytes(operation, body, headers));
  const beforeMs = await processorMs(server);
  const load = { port: server.port, connections, durationMs, requests };
  const { requests: answered, requestsPerSecond, failures } = await runLoad(load);
  if (failures > 0) throw new Error(`${failures} requests failed`);
  const spentMs = (await processorMs(server)) - beforeMs;
  return { requestsPerSecond, processorUs: (spentMs * 1000) / answered };
}

/** Until the code is compiled, its cost is another one. */
async function warmUp(server: Running, one: Case): Promise<void> {
  const endMs = performance.now() + WARM_UP_MS_MAX;
  let requests = 0;
  while (requests < one.warmUpRequests && performance.now() < endMs) {
    requests += ((await round(server, one)).requestsPerSecond * durationMs) / 1000;
  }
}

/** Processor time for one bare SHA-256 of each body, on the average. */
function hashUs(bodies: readonly object[]): number {
  const texts = bodies.map((body) => Buffer.from(JSON.stringify(body)));
  const before = process.cpuUsage();
  for (let turn = 0; turn < HASH_TURNS; turn++) for (const text of texts) hash('sha256', text, 'hex');
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (HASH_TURNS * texts.length);
}

await using unchecked = await startNagare('--auth', 'off');
await using checked = await startNagare();
for (const server of [unchecked, checked]) await createStream(server.port, SHARDS, headers);
process.stdout.write(`load average ${loadavg()[0]?.toFixed(1)}\n`);
for (const one of cases) {
  for (const server of [unchecked, checked]) await warmUp(server, one);
  const pairs: { off: Round; on: Round }[] = [];
  for (let i = 0; i < rounds; i++) {
    pairs.push({ off: await round(unchecked, one), on: await round(checked, one) });
  }
  const of = (pick: (pair: { off: Round; on: Round }) => number): number => median(pairs.map(pick));
  const bareUs = one.comparesWithHash ? hashUs(one.bodies) : 0;
  const columns = [
    one.name,
    `${Math.round(of(({ on }) => on.requestsPerSecond))} requests/s`,
    `unchecked ${Math.round(of(({ off }) => off.requestsPerSecond))} requests/s`,
    `ratio ${of(({ on, off }) => on.requestsPerSecond / off.requestsPerSecond).toFixed(2)}`,
    `${of(({ on }) => on.processorUs).toFixed(1)} us of processor`,
    `unchecked ${of(({ off }) => off.processorUs).toFixed(1)} us`,
    ...(one.comparesWithHash ? [`one SHA-256 of a body ${bareUs.toFixed(1)} us`] : []),
    `ratio ${of(({ on, off }) => (off.processorUs + bareUs) / on.processorUs).toFixed(2)} (wanted: ${one.least})`,
  ];
  process.stdout.write(`| ${columns.join(' | ')} |\n`);
}
process.stdout.write(`load average ${loadavg()[0]?.toFixed(1)}\n`);
