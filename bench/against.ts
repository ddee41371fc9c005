/**
 * This checkout beside another one of the same project, both servers running, in turns: what a change has cost.
 *
 *     node bench/against.ts ../before putRecordsLarge getRecords --starts 5 --rounds 4 --seconds 1
 *
 * The other checkout needs its modules installed. Works on mappings put records and wait until a function has got them:
 * one record after another (mappingOne), or 10,000 (mappingMany). Per kind of work: the rates, and the processor time for one
 * unit, which other processes disturb less.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readFor } from './rows/get-records.ts';
import { callBytes, createStream, putRecordsRequests, randomRecord, STREAM } from './support/kinesis.ts';
import { runLoad } from './support/load.ts';
import { MappedFunction } from './support/mapped-function.ts';
import { processorMs, startNagareOf, type Running } from './support/processes.ts';

/** Records per second. */
type Work = (server: Running, durationMs: number) => Promise<number>;

const SHARDS = 4;

function puts(requests: readonly Buffer[], connections: number, records: number): Work {
  return async ({ port }, durationMs) => {
    const { requestsPerSecond, failures } = await runLoad({ port, connections, durationMs, requests });
    if (failures > 0) throw new Error(`${failures} requests failed`);
    return requestsPerSecond * records;
  };
}

const single = (): Buffer[] =>
  Array.from({ length: 256 }, () => callBytes('PutRecord', { StreamName: STREAM, ...randomRecord(100) }));

const mapped = new Map<Running, MappedFunction>();

/** Puts so many records again and again until the time is over, and waits each time until a function has got them. */
function handled(count: number): Work {
  const records = Array.from({ length: count }, () => randomRecord(100));
  return async (server, durationMs) => {
    const began = performance.now();
    let done = 0;
    while (performance.now() - began < durationMs) {
      await mapped.get(server)?.deliver(records);
      done += count;
    }
    return (done * 1000) / (performance.now() - began);
  };
}

// Reads come first: they read the backlog that the preparation has put, not what later puts add.
const works: Readonly<Record<string, Work>> = {
  getRecords: async ({ port }, durationMs) => await readFor(port, durationMs),
  putRecord: puts(single(), 64, 1),
  putRecordsSmall: puts(putRecordsRequests(100), 16, 500),
  putRecordsLarge: puts(putRecordsRequests(1024), 16, 500),
  // The way of one record from a put to a handler, and what a mapping gets through.
  mappingOne: handled(1),
  mappingMany: handled(10_000),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string' }, rounds: { type: 'string' }, starts: { type: 'string' } },
});
const [other, ...names] = positionals;
if (other === undefined) throw new Error('usage: node bench/against.ts <other checkout> [work...]');
const roundMs = Number(values.seconds ?? 1) * 1000;
const rounds = Number(values.rounds ?? 4);
const starts = Number(values.starts ?? 5);

const measured: Record<string, [Measure, Measure][]> = {};
for (let start = 0; start < starts; start++) await measureOnce();
for (const [name, pairs] of Object.entries(measured)) process.stdout.write(`${name}: ${summary(pairs)}\n`);

/** With servers of its own: how well V8 compiles the same code differs from one process to the next. */
async function measureOnce(): Promise<void> {
  await using before = await startNagareOf(resolve(other ?? ''));
  await using now = await startNagareOf();
  for (const { port } of [before, now]) {
    await createStream(port, SHARDS);
    await runLoad({ port, connections: 16, durationMs: 1500, requests: putRecordsRequests(100) });
  }
  if (names.length === 0 || names.some((name) => name.startsWith('mapping'))) {
    for (const server of [before, now]) mapped.set(server, await MappedFunction.start(server.port));
  }
  for (const [name, work] of Object.entries(works)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const pairs = (measured[name] ??= []);
    await work(before, roundMs);
    await work(now, roundMs);
    for (let round = 0; round < rounds; round++) {
      // The second meets what the first has left: they change places.
      const isFirst = round % 2 === 0;
      const a = await measure(isFirst ? before : now, work);
      const b = await measure(isFirst ? now : before, work);
      pairs.push(isFirst ? [a, b] : [b, a]);
    }
  }
  for (const each of mapped.values()) each.close();
  mapped.clear();
}

function summary(pairs: readonly [Measure, Measure][]): string {
  const rate = median(pairs.map(([then, today]) => today.rate / then.rate)).toFixed(2);
  const cost = median(pairs.map(([then, today]) => then.microseconds / today.microseconds)).toFixed(2);
  const microseconds = (at: 0 | 1): string => median(pairs.map((pair) => pair[at].microseconds)).toFixed(2);
  return (
    `rate ${rate} of the other's; processor time ${microseconds(1)} us where the other takes ` +
    `${microseconds(0)} us: speed ${cost}`
  );
}

interface Measure {
  readonly rate: number;
  /** Of the server's processor time for one record. */
  readonly microseconds: number;
}

async function measure(server: Running, work: Work): Promise<Measure> {
  const processorBefore = await processorMs(server);
  const began = performance.now();
  const rate = await work(server, roundMs);
  const records = (rate * (performance.now() - began)) / 1000;
  return { rate, microseconds: (((await processorMs(server)) - processorBefore) * 1000) / records };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
