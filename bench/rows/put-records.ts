import { mkdtemp, open, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareAppend, type AppendBytes } from '../support/bare-append.ts';
import { createStream, putRecordsRequests } from '../support/kinesis.ts';
import { runLoad } from '../support/load.ts';
import { startKinesalite, startNagare, type Running } from '../support/processes.ts';
import { rateAtLeast, ratioAtLeast, type BenchOptions, type Row } from '../support/row.ts';

const CONNECTIONS = 16;
const RECORDS = 500;
const SHARDS = 4;

/** PutRecords of small records against kinesalite in memory. */
export async function putRecordsSmall(options: BenchOptions): Promise<Row> {
  const requests = putRecordsRequests(100);
  const nagare: number[] = [];
  const baseline: number[] = [];
  await using ours = await startNagare();
  await using theirs = await startKinesalite();
  await createStream(ours.port, SHARDS);
  await createStream(theirs.port, SHARDS);
  await recordsPerSecond(ours, requests, options.roundMs);
  for (let round = 0; round < options.rounds; round++) {
    nagare.push(await recordsPerSecond(ours, requests, options.roundMs));
    baseline.push(await recordsPerSecond(theirs, requests, options.roundMs));
  }
  return {
    work: 'PutRecords, 500 x 100 B, 16 connections',
    unit: 'records/s',
    nagare,
    baseline: { name: 'kinesalite, in memory', values: baseline },
    goals: [ratioAtLeast(20, nagare, baseline), rateAtLeast(350_000, nagare)],
  };
}

/** PutRecords of larger records against appending the same bytes to a file. */
export async function putRecordsLarge(options: BenchOptions): Promise<Row> {
  const requests = putRecordsRequests(1024);
  const nagare: number[] = [];
  const baseline: number[] = [];
  await using ours = await startNagare();
  await createStream(ours.port, SHARDS);
  await recordsPerSecond(ours, requests, options.roundMs);
  for (let round = 0; round < options.rounds; round++) {
    nagare.push(await recordsPerSecond(ours, requests, options.roundMs));
    baseline.push(await appendedPerSecond(options.roundMs));
  }
  return {
    work: 'PutRecords, 500 x 1 KiB, 16 connections',
    unit: 'records/s',
    nagare,
    baseline: { name: 'appending the bytes to a file, with fdatasync', values: baseline },
    goals: [ratioAtLeast(0.5, nagare, baseline)],
  };
}

export async function recordsPerSecond(
  server: Running,
  requests: readonly Buffer[],
  durationMs: number,
): Promise<number> {
  const { requestsPerSecond, failures } = await runLoad({
    port: server.port,
    connections: CONNECTIONS,
    durationMs,
    requests,
  });
  if (failures > 0) throw new Error(`${failures} requests failed`);
  return requestsPerSecond * RECORDS;
}

async function appendedPerSecond(durationMs: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const file = await open(join(folder, 'file'), 'w');
  try {
    return await appendFor(bareAppend(file), durationMs);
  } finally {
    await file.close();
    await rm(folder, { recursive: true });
  }
}

/** As many writers as there are connections, each with its 500 records as one piece. */
async function appendFor(append: AppendBytes, durationMs: number): Promise<number> {
  const piece = randomBytes(RECORDS * 1024);
  const began = performance.now();
  let records = 0;
  const writer = async (): Promise<void> => {
    while (performance.now() < began + durationMs) {
      await append([piece]);
      records += RECORDS;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, writer));
  return (records * 1000) / (performance.now() - began);
}
