/**
 * Three machines share a log on three Kafka brokers. Their owner is killed again and again, paused for longer than its
 * term, and loses the leading broker, while clients of AWS's SDKs work through a load balancer, with the retries that
 * they make by default: writers of a stream, one client of each other service (clients/), boto3, the SDK for Go, and
 * the published programs. They see a pause and no error, and all is as on one machine: nothing is lost or there twice,
 * and order is kept. Repeat a failed run with its SEED; OWNER_KILLS is the number of kills. The long form, of more than
 * three kills, has the SDK for Java and the KPL as well, and a hundred processes of the AWS CLI at each kill.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Caller } from '../crash/server-load/caller.ts';
import { HandledBatches } from '../crash/server-load/handled-batches.ts';
import { KnownRecords } from '../crash/server-load/known-records.ts';
import { ListLogLines } from '../crash/server-load/list-log-lines.ts';
import { STREAM } from '../crash/server-load/putting.ts';
import { listShards, readStream } from '../crash/server-load/read-stream.ts';
import { hasKafka, RealCluster } from '../engine/kafka/real-cluster.ts';
import { addressName } from '../../src/engine/kafka/socket.ts';
import { signedFor } from '../support/admission.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { temporaryFolder, type ServerProcess } from '../support/server.ts';
import { hasTools } from '../support/tools.ts';
import { until } from '../support/until.ts';
import { Balancer } from './balancer.ts';
import type { ClusterClient } from './clients/client.ts';
import { DeliveryClient } from './clients/delivery.ts';
import { LogEventsClient } from './clients/log-events.ts';
import { MetricsClient } from './clients/metrics.ts';
import { declaredPrograms, programFolder, Programs, REGION } from './clients/programs.ts';
import { QueueClient } from './clients/queue.ts';
import { boto3, goSdk, javaClients, RoundsClient } from './clients/rounds.ts';
import { Subscriber } from './clients/subscriber.ts';
import { TopicClient } from './clients/topic.ts';
import { clusterHealth, startMachines, type Machines } from './machines.ts';
import { SdkWriter } from './writer.ts';

const kills = Number(process.env['OWNER_KILLS'] ?? 3);
const isLong = kills > 3;
const WRITERS = 4;
const BUCKET = 'archive';

test(`the owner is killed ${kills} times, paused, and loses the leading broker: all is as on one machine`, async (t) => {
  if (!hasKafka(t) || !hasTools(t, 'aws', 'go', 'python3')) return;
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const run = await Run.start(t, seed);
  for (let kill = 0; kill < kills; kill++) {
    await run.untilReady();
    await run.begin();
    await run.killOwner();
    await run.fired();
  }
  await run.untilCaughtUp();
  await run.killLeader();
  await run.untilCaughtUp();
  await run.pauseOwner();
  await run.untilCaughtUp();
  await run.promoteStandby();
  await run.end();
});

class Run {
  readonly #t: TestContext;
  readonly #machines: Machines;
  readonly #kafka: RealCluster;
  readonly #balancer: Balancer;
  readonly #known = new KnownRecords(WRITERS * 2, () => Date.now());
  readonly #handled: HandledBatches;
  readonly #writers: readonly SdkWriter[];
  readonly #stop = new AbortController();
  readonly #clients: readonly ClusterClient[];
  readonly #programs: Programs;
  readonly #work: Promise<unknown>;

  private constructor(
    t: TestContext,
    parts: {
      readonly machines: Machines;
      readonly kafka: RealCluster;
      readonly balancer: Balancer;
      readonly clients: readonly ClusterClient[];
      readonly programs: Programs;
    },
    notes: string,
    seed: number,
  ) {
    this.#t = t;
    this.#machines = parts.machines;
    this.#kafka = parts.kafka;
    this.#balancer = parts.balancer;
    this.#clients = parts.clients;
    this.#programs = parts.programs;
    this.#handled = new HandledBatches(notes, this.#known);
    this.#writers = Array.from(
      { length: WRITERS },
      (_, writer) =>
        new SdkWriter({
          endpoint: this.#balancer.endpoint,
          known: this.#known,
          voices: writer === 0 ? [0] : [2 * writer, 2 * writer + 1],
          protocol: writer % 2 === 0 ? 'h2' : 'h1',
          random: seededRandom(seed + writer),
        }),
    );
    const workers = [...this.#writers, ...this.#clients];
    this.#work = Promise.all(workers.map((worker) => worker.work(this.#stop.signal)));
    // Awaited in the end; a failure is noticed between two kills.
    this.#work.catch((error: unknown) => this.#stop.abort(error));
  }

  static async start(t: TestContext, seed: number): Promise<Run> {
    const [folder, programsAt] = [await temporaryFolder(), await programFolder()];
    const [notes, config] = [join(folder, 'notes'), join(folder, 'nagare.yaml')];
    await writeFile(notes, '');
    // JSON is YAML.
    await writeFile(config, JSON.stringify(declared(notes, programsAt)));
    const programsInRounds = [boto3, await goSdk(), ...(isLong ? await javaClients() : [])];
    const kafka = await RealCluster.start({ brokers: 3 });
    t.after(() => kafka.close());
    const machines = await startMachines({
      args: ['--config', config, '--log-level', 'error', '--function-isolation', 'off'],
      sharedLog: `kafka://${kafka.addresses().map(addressName).join(',')}/nagare`,
    });
    t.after(() => machines[Symbol.asyncDispose]());
    const balancer = await Balancer.start(machines.all.map(({ endpoint }) => endpoint));
    t.after(() => balancer.close());
    const { endpoint } = balancer;
    const tlsEndpoint = await balancer.listenTls();
    const objectsAt = machines.store.endpoint;
    const rounds = await Promise.all(
      programsInRounds.map((program) => RoundsClient.start(program, { endpoint, tlsEndpoint })),
    );
    t.after(() => rounds.forEach((client) => client.close()));
    const clients = await Promise.all([
      QueueClient.start(endpoint, { isFifo: false }),
      QueueClient.start(endpoint, { isFifo: true }),
      TopicClient.start(endpoint),
      MetricsClient.start(endpoint),
      LogEventsClient.start(endpoint),
      DeliveryClient.start(endpoint, objectsAt),
      Subscriber.start(endpoint),
    ]);
    const programs = await Programs.start(t, { endpoint, objectsAt, folder: programsAt });
    return new Run(t, { machines, kafka, balancer, clients: [...clients, ...rounds], programs }, notes, seed);
  }

  /** A standby has caught up, and three seconds have passed. */
  async untilReady(): Promise<void> {
    await this.untilCaughtUp();
    const { signal } = this.#stop;
    await sleep(3000, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  async untilCaughtUp(): Promise<void> {
    const owner = await this.#machines.owner();
    await until(
      async () => {
        const others = this.#machines.all.filter((machine) => machine !== owner);
        const found = await Promise.all(others.map(clusterHealth));
        return found.some((health) => health?.role === 'standby' && health.lag === 0);
      },
      { what: 'a standby that has caught up', withinMs: 60_000 },
    );
    this.#stop.signal.throwIfAborted();
  }

  /** Begins what the owner is killed in. */
  async begin(): Promise<void> {
    for (const client of this.#clients) await client.beforeKill?.();
    await this.#programs.fire({ byCli: isLong });
  }

  async fired(): Promise<void> {
    await this.#programs.fired();
  }

  async killOwner(): Promise<void> {
    const owner = await this.#machines.owner();
    await owner.kill();
    await this.#untilOtherThan(owner, 'the owner was killed');
    await owner.start();
  }

  async killLeader(): Promise<void> {
    const began = performance.now();
    const leader = await this.#kafka.leaderOf('nagare');
    await this.#kafka.signal(leader, 'SIGKILL');
    await this.#untilPut();
    this.#tell('the leading broker was killed', began);
    await this.#kafka.start();
  }

  /** For longer than its term: it wakes as somebody who owns nothing, and changes nothing. */
  async pauseOwner(): Promise<void> {
    const owner = await this.#machines.owner();
    process.kill(owner.pid, 'SIGSTOP');
    try {
      await this.#untilOtherThan(owner, 'the owner was paused');
    } finally {
      process.kill(owner.pid, 'SIGCONT');
    }
    await until(async () => (await clusterHealth(owner))?.role === 'standby', {
      what: 'it is a standby',
      withinMs: 60_000,
    });
  }

  /** While the owner is well, and knows of nothing. */
  async promoteStandby(): Promise<void> {
    const owner = await this.#machines.owner();
    const [standby] = await this.#machines.standbys();
    assert.ok(standby);
    const { status } = await fetch(`${standby.endpoint}/_nagare/cluster`, {
      method: 'POST',
      headers: { ...signedFor('kinesis'), 'x-nagare-command': 'promote' },
    });
    assert.equal(status, 200);
    await this.#untilOtherThan(owner, 'a standby was promoted');
  }

  async end(): Promise<void> {
    const { signal } = this.#stop;
    if (!signal.aborted) this.#stop.abort();
    await this.#work;
    const caller = new Caller(this.#balancer.endpoint, new AbortController().signal, 4);
    this.#t.after(() => caller.close());
    const { acknowledged } = this.#known;
    const shards = await listShards(caller, STREAM);
    this.#known.check(await readStream(caller, STREAM, shards), acknowledged, Date.now());
    const store = new Caller(this.#machines.store.endpoint, new AbortController().signal);
    this.#t.after(() => store.close());
    const lines = new ListLogLines(`${BUCKET}/lines.txt`, this.#known);
    await lines.until(acknowledged, store);
    await lines.checkWhole(store);
    await this.#handled.until(acknowledged);
    const takeovers = await this.#takeovers();
    const checked = [
      { name: 'the programs', check: () => this.#programs.check(takeovers) },
      ...this.#clients,
    ];
    const told = await Promise.all(checked.map(async (one) => `${one.name}: ${await one.check(takeovers)}`));
    for (const line of told) this.#t.diagnostic(line);
    const records = acknowledged.reduce((sum, count) => sum + count, 0);
    this.#t.diagnostic(`${records} records, ${this.#handled.repeats} of them handled again`);
    for (const { errorOutput } of this.#machines.all) assert.equal(errorOutput, '');
  }

  async #takeovers(): Promise<number> {
    const health = await clusterHealth(await this.#machines.owner());
    assert.ok(health);
    return health.term;
  }

  async #untilOtherThan(owner: ServerProcess, what: string): Promise<void> {
    const began = performance.now();
    const others = this.#machines.all.filter((machine) => machine !== owner);
    await until(
      async () => (await Promise.all(others.map(clusterHealth))).some((health) => health?.serving),
      {
        what: 'another owner',
        withinMs: 60_000,
      },
    );
    this.#tell(what, began);
    await this.#untilPut();
  }

  /** Puts are answered that were sent after now. */
  async #untilPut(): Promise<void> {
    const putters = [...this.#writers, ...this.#clients.filter(({ answeredMs }) => answeredMs.length > 0)];
    const before = putters.map(({ answeredMs }) => answeredMs.length);
    await until(
      () => {
        this.#stop.signal.throwIfAborted();
        return putters.every(({ answeredMs }, n) => answeredMs.length > (before[n] ?? 0) + 1);
      },
      { what: 'puts are answered again', withinMs: 60_000 },
    );
  }

  #tell(what: string, began: number): void {
    const pauses = this.#writers.map(({ answeredMs }) => longestPause(answeredMs, began));
    const [took, longest] = [performance.now() - began, Math.max(...pauses)];
    this.#t.diagnostic(
      `${Math.round(performance.now() / 1000)} s: ${what}: ${Math.round(took)} ms; the longest put so far took ${Math.round(longest)} ms`,
    );
  }
}

function longestPause(answeredMs: readonly number[], since: number): number {
  const times = [...answeredMs.filter((atMs) => atMs >= since), performance.now()];
  return Math.max(...times.map((atMs, n) => atMs - (times[n - 1] ?? since)));
}

function declared(notes: string, programsAt: string): object {
  const programs = declaredPrograms(programsAt);
  return {
    region: REGION,
    streams: { [STREAM]: { shardCount: 3 }, ...programs.streams },
    buckets: [BUCKET, ...programs.buckets],
    functions: {
      notes: {
        path: fileURLToPath(new URL('../crash/server-load/note-batches.mjs', import.meta.url)),
        timeout: 60,
        environment: { NOTES: notes },
        eventSources: [{ stream: STREAM, batchSize: 100 }],
      },
      ...programs.functions,
    },
    listLogs: {
      lines: { stream: STREAM, bucket: BUCKET, key: 'lines.txt', format: '{voice} {n}' },
      ...programs.listLogs,
    },
  };
}
