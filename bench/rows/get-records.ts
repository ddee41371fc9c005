import { call, callBytes, createStream, putRecordsRequests, STREAM } from '../support/kinesis.ts';
import { readOne, runLoad } from '../support/load.ts';
import { startNagare } from '../support/processes.ts';
import { rateAtLeast, ratioAtLeast, type BenchOptions, type Row } from '../support/row.ts';

const BACKLOG_MS = 1500;
/** Each reads a shard of its own, as a consumer's workers do. */
const READERS = 4;

/** Reading a backlog from its beginning, answer after answer, against making the JSON of such an answer. */
export async function getRecords(options: BenchOptions): Promise<Row> {
  await using ours = await startNagare();
  const { port } = ours;
  await createStream(port, READERS);
  await runLoad({ port, connections: 16, durationMs: BACKLOG_MS, requests: putRecordsRequests(100) });
  const first = await iterator(port, 0);
  const answer = await call(port, 'GetRecords', { ShardIterator: first });

  await readFor(port, options.roundMs);
  const nagare: number[] = [];
  const stringified: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    nagare.push(await readFor(port, options.roundMs));
    stringified.push(stringify(answer, options.roundMs));
  }
  return {
    work: `GetRecords of a backlog of 100 B records, 10,000 at a time, ${READERS} readers`,
    unit: 'records/s',
    nagare,
    baseline: { name: 'JSON.stringify of the same answer', values: stringified },
    goals: [rateAtLeast(500_000, nagare), ratioAtLeast(0.4, nagare, stringified)],
  };
}

async function iterator(port: number, shard: number): Promise<string> {
  const ShardId = `shardId-00000000000${shard}`;
  const request = { StreamName: STREAM, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = (await call(port, 'GetShardIterator', request)) as { ShardIterator: string };
  return ShardIterator;
}

export async function readFor(port: number, durationMs: number): Promise<number> {
  const began = performance.now();
  const shards = Array.from({ length: READERS }, (_, shard) => shard);
  const counts = await Promise.all(shards.map((shard) => readShard(port, shard, began + durationMs)));
  return (counts.reduce((sum, count) => sum + count, 0) * 1000) / (performance.now() - began);
}

/** A reader counts records and finds the next iterator in the bytes: what it does with them is not measured. */
async function readShard(port: number, shard: number, untilMs: number): Promise<number> {
  await using connection = await readOne(port);
  let records = 0;
  let next = await iterator(port, shard);
  while (performance.now() < untilMs) {
    const body = await connection.send(callBytes('GetRecords', { ShardIterator: next }));
    const tail = body.toString('latin1', Math.max(0, body.length - 2000));
    const found = /"NextShardIterator":"([^"]+)","MillisBehindLatest":(\d+)/.exec(tail);
    if (found?.[1] === undefined) throw new Error(`no iterator in ${tail}`);
    records += countOf(body);
    next = found[2] === '0' ? await iterator(port, shard) : found[1];
  }
  return records;
}

const PER_RECORD = Buffer.from('{"SequenceNumber"');

function countOf(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf(PER_RECORD); at !== -1; at = body.indexOf(PER_RECORD, at + 200)) count++;
  return count;
}

function stringify(answer: unknown, durationMs: number): number {
  // The answer of our own server.
  const { length } = (answer as { Records: unknown[] }).Records;
  const began = performance.now();
  let records = 0;
  while (performance.now() < began + durationMs / 2) {
    JSON.stringify(answer);
    records += length;
  }
  return (records * 1000) / (performance.now() - began);
}
