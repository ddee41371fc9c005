/**
 * A process that shares a log, so that its memory and its time are its own: the owner writes the load that the first line
 * of its input asks for, a standby reads all of it into an empty folder. Each prints what that took, as JSON.
 */
import { createInterface } from 'node:readline/promises';
import { openSharedEngine } from '../../src/engine/shared/open.ts';
import { RecordPacker } from '../../src/engine/packed-records.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { openKafkaSharedLog } from '../../src/engine/kafka/open.ts';
import type { Address } from '../../src/engine/kafka/socket.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';

export interface MemberTask {
  readonly bootstrap: readonly Address[];
  readonly topic: string;
  readonly folder: string;
  /** Of the owner: how much it writes. Of a standby: the position that it waits for. */
  readonly write?: { readonly requests: number; readonly records: number; readonly bytes: number };
  readonly until?: number;
}

export interface MemberReport {
  readonly ms: number;
  readonly processorMs: number;
  readonly position: number;
  readonly rssBytes: number;
  /** In use after a garbage collection: the heap and what lies outside of it. */
  readonly usedBytes: number;
}

const LOGS = 16;
const LANES = 8;

for await (const line of createInterface({ input: process.stdin })) {
  // The benchmark that started this process wrote it.
  await run(JSON.parse(line) as MemberTask);
}

async function run({ bootstrap, topic, folder, write, until }: MemberTask): Promise<void> {
  const log = await openKafkaSharedLog({
    bootstrap,
    topic,
    security: {},
    durability: 'quorum-memory',
    compression: 'none',
    clock: systemClock,
    log: silentLog,
  });
  const takeOverAfterMs = write === undefined ? 3_600_000 : 5000;
  const begun = performance.now();
  const before = process.cpuUsage();
  const { engine, member } = await openSharedEngine({
    folder,
    clock: systemClock,
    log: silentLog,
    shared: {
      log,
      self: { url: 'http://127.0.0.1:4566', version: '0.1.0' },
      random: Math.random,
      takeOverAfterMs,
    },
  });
  const isDone = (): boolean =>
    write === undefined ? member.status().position >= (until ?? 0) : member.status().role === 'owner';
  while (!isDone()) await new Promise((resolve) => setTimeout(resolve, 5));
  if (write !== undefined) await load(engine, write);
  const { user, system } = process.cpuUsage(before);
  const ms = performance.now() - begun;
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const report: MemberReport = {
    ms,
    processorMs: (user + system) / 1000,
    position: member.status().position,
    rssBytes: rss,
    usedBytes: heapUsed + external,
  };
  console.log(JSON.stringify(report));
}

/** Requests as a server makes them: records of several logs, a key that recognizes a repeat, and a row. */
async function load(engine: Engine, write: NonNullable<MemberTask['write']>): Promise<void> {
  const logs = await engine.createLogs(LOGS);
  const table = engine.catalog.table<{ at: number }>('bench');
  let left = write.requests;
  const lane = async (lane: number): Promise<void> => {
    while (left-- > 0) {
      const number = left;
      const packer = new RecordPacker(write.records * (write.bytes + 4));
      for (let record = 0; record < write.records; record++) packer.reserve(write.bytes);
      await engine.commit({
        batches: [{ log: logs[number % LOGS] ?? 0, records: packer.finish() }],
        idempotencyKey: { id: Buffer.from(`request ${number}`), digest: Buffer.alloc(32, number) },
        change: (to) => to.put(table, `lane ${lane} ${number % 1000}`, { at: number }),
      });
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
}
