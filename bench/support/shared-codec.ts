/** The parts of the shared log on Kafka: checksums, appends against a bare round trip, replay against a bare consumer. */
import { randomBytes } from 'node:crypto';
import { Connection } from '../../src/engine/kafka/connection.ts';
import { crc32c } from '../../src/engine/kafka/crc32c.ts';
import type { KafkaSharedLog } from '../../src/engine/kafka/kafka-shared-log.ts';
import { kafkaLimits } from '../../src/engine/kafka/limits.ts';
import { fetchRecords } from '../../src/engine/kafka/messages/fetch.ts';
import { produce } from '../../src/engine/kafka/messages/produce.ts';
import { openKafkaSharedLog } from '../../src/engine/kafka/open.ts';
import { encodeBatch, readBatches } from '../../src/engine/kafka/record-batch.ts';
import { encodeFrame } from '../../src/engine/shared/envelope.ts';
import { LOG_START } from '../../src/engine/shared/shared-log.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import type { RealCluster } from '../../test/engine/kafka/real-cluster.ts';
import { median, quantile } from './load.ts';

const ROUNDS = 5;
const REPLAYED_BYTES = 128 * 1024 * 1024;
export const owner = { url: 'http://127.0.0.1:4566', version: '0.1.0' };

export function checksums(): void {
  for (const bytes of [1024, 1024 * 1024]) {
    const block = [randomBytes(bytes)];
    const cost = processorOf(() => {
      for (let done = 0; done < 256 * 1024 * 1024; done += bytes) crc32c(block);
    });
    console.log(`CRC-32C of ${bytes} bytes: ${(256 / cost).toFixed(0)} MiB per second of a processor`);
  }
}

/** An append against the round trip of the same bytes by the same codec, and what an append costs this process. */
export async function puts(cluster: RealCluster, seconds: number): Promise<void> {
  for (const bytes of [100, 50_000, 512_000]) {
    const log = await openLog(cluster, `puts-${bytes}`);
    await log.takeOver(owner, LOG_START);
    const bare = await bareProducer(cluster, `bare-${bytes}`);
    const payload = [randomBytes(bytes)];
    const append = (): Promise<unknown> => log.append('commit', payload);
    const ratios: number[] = [];
    const costs: number[] = [];
    const rates: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const trip = await measure(seconds, () => bare(payload));
      const appended = await measure(seconds, append);
      ratios.push(appended.p50Ms / trip.p50Ms);
      costs.push(appended.processorUs);
      rates.push(appended.perSecond);
    }
    console.log(
      `append of ${bytes} bytes: p50 ${median(ratios).toFixed(2)} of the round trip, ` +
        `${median(rates).toFixed(0)} per second, ${median(costs).toFixed(0)} us of a processor each ` +
        `(${((median(costs) / bytes) * 1024).toFixed(2)} us per KiB)`,
    );
    await log.close();
  }
}

/** Following the log from its start against a consumer that only fetches. */
export async function replay(cluster: RealCluster): Promise<void> {
  const topic = `replay-${Date.now()}`;
  const log = await openLog(cluster, topic);
  await log.takeOver(owner, LOG_START);
  const frames = REPLAYED_BYTES / 512_000;
  const payload = [randomBytes(512_000)];
  for (let index = 0; index < frames; index++) await log.append('commit', payload);
  const { next } = await log.bounds();
  const ratios: number[] = [];
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const bare = await timed(() => consume(cluster, topic, next - 1));
    const followed = await timed(async () => {
      for await (const frames of log.follow(LOG_START, new AbortController().signal)) {
        if (frames.at(-1)?.position === next - 1) break;
      }
    });
    ratios.push(bare / followed);
    rates.push(REPLAYED_BYTES / 1024 / 1024 / (followed / 1000));
  }
  console.log(
    `replay: ${median(rates).toFixed(0)} MiB per second, ${median(ratios).toFixed(2)} of a bare consumer`,
  );
  await log.close();
}

/** Only fetches and finds the records, up to a position. Resolves with the bytes of their batches. */
export async function consume(cluster: RealCluster, topic: string, position: number): Promise<number> {
  const connection = await leader(cluster, topic);
  let bytes = 0;
  for (let at = 0; at <= position;) {
    const request = { topic, offset: at, bytesMax: kafkaLimits.fetchBytes, waitMs: kafkaLimits.fetchWaitMs };
    const { records } = await connection.call(fetchRecords, request);
    bytes += records.length;
    at = ((await readBatches(records, at)).at(-1)?.offset ?? at - 1) + 1;
  }
  connection.close();
  return bytes;
}

interface Measured {
  readonly p50Ms: number;
  readonly perSecond: number;
  /** Of this process, for each. */
  readonly processorUs: number;
}

/** One after the other. */
export async function measure(seconds: number, work: () => Promise<unknown>): Promise<Measured> {
  const times: number[] = [];
  const begun = performance.now();
  const before = process.cpuUsage();
  while (performance.now() - begun < seconds * 1000) {
    const from = performance.now();
    await work();
    times.push(performance.now() - from);
  }
  const { user, system } = process.cpuUsage(before);
  return {
    p50Ms: quantile(
      times.toSorted((a, b) => a - b),
      0.5,
    ),
    perSecond: times.length / ((performance.now() - begun) / 1000),
    processorUs: (user + system) / times.length,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function processorOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

export function openLog(cluster: RealCluster, topic: string): Promise<KafkaSharedLog> {
  return openKafkaSharedLog({
    bootstrap: cluster.addresses(),
    topic,
    security: {},
    durability: 'quorum-memory',
    compression: 'none',
    clock: systemClock,
    log: silentLog,
  });
}

async function leader(cluster: RealCluster, topic: string): Promise<Connection> {
  const address = cluster.addresses()[(await cluster.leaderOf(topic)) - 1];
  if (address === undefined) throw new Error(`${topic} has no leader`);
  return await Connection.open(address, {}, systemClock);
}

/** Sends batches of a producer of its own, as fast as the codec can. */
export async function bareProducer(
  cluster: RealCluster,
  topic: string,
): Promise<(payload: readonly Uint8Array[]) => Promise<unknown>> {
  await (await openLog(cluster, topic)).close();
  const connection = await leader(cluster, topic);
  const id = BigInt(Date.now());
  let sequence = 0;
  return async (payload) => {
    const frame = encodeFrame(1, { kind: 'commit', payload });
    const batch = await encodeBatch(frame, { id, epoch: 0 }, sequence++, 'none');
    const { errorCode } = await connection.call(produce, { topic, batch, timeoutMs: 10_000 });
    if (errorCode !== 0) throw new Error(`error ${errorCode}`);
  };
}
