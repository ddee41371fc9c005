import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KafkaClient } from '../../../src/engine/kafka/client.ts';
import type { Address } from '../../../src/engine/kafka/socket.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { hasErrorCode } from '../../../src/support/errno.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { hasTools } from '../../support/tools.ts';
import { until } from '../../support/until.ts';

const script = fileURLToPath(new URL('../../../.ci/kafka', import.meta.url));

export interface ClusterOptions {
  readonly brokers: number;
  /** Lines of the brokers' properties; `{n}` is a broker's number, `{nn}` the first digits of its ports. */
  readonly properties?: readonly string[];
  readonly format?: string;
}

/** Brokers of Apache Kafka as processes on this machine. */
export class RealCluster {
  readonly #folder: string;
  readonly #base: number;
  readonly #options: ClusterOptions;

  private constructor(folder: string, base: number, options: ClusterOptions) {
    this.#folder = folder;
    this.#base = base;
    this.#options = options;
  }

  static async start(options: ClusterOptions): Promise<RealCluster> {
    const cluster = new RealCluster(await temporaryFolder(), await freePorts(options.brokers), options);
    await cluster.start();
    return cluster;
  }

  /** For clients, unless the properties add further listeners: `port` is the last digit of theirs. */
  addresses(port = 0): Address[] {
    return Array.from({ length: this.#options.brokers }, (_, index) => ({
      host: '127.0.0.1',
      port: this.#base + 10 * (index + 1) + port,
    }));
  }

  /** Starts the brokers that do not run. */
  async start(): Promise<void> {
    const { brokers, properties = [], format = '' } = this.#options;
    const lines = properties.map((line) => line.replaceAll('{nn}', `${this.#base / 100}{n}`));
    await promisify(execFile)(script, ['up', this.#folder, String(brokers), String(this.#base)], {
      env: { ...process.env, KAFKA_EXTRA: lines.join('\n'), KAFKA_FORMAT: format },
    });
  }

  /** The number of the broker that leads a topic's partition. */
  async leaderOf(topic: string): Promise<number> {
    const client = new KafkaClient({
      bootstrap: this.addresses(),
      topic,
      security: {},
      clock: systemClock,
      log: silentLog,
    });
    try {
      return (await client.describe()).topics[0]?.partitions[0]?.leader ?? -1;
    } finally {
      await client.close();
    }
  }

  async signal(broker: number, signal: NodeJS.Signals): Promise<void> {
    process.kill(await this.#pid(broker), signal);
  }

  /** In order: it hands over what it leads first. */
  async stop(broker: number): Promise<void> {
    const pid = await this.#pid(broker);
    process.kill(pid, 'SIGTERM');
    await until(() => hasEnded(pid), { withinMs: 60_000, what: 'the broker has ended' });
  }

  async #pid(broker: number): Promise<number> {
    return Number(await readFile(join(this.#folder, `broker-${broker}`, 'pid'), 'utf8'));
  }

  async close(): Promise<void> {
    await promisify(execFile)(script, ['down', this.#folder]);
  }
}

function hasEnded(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasErrorCode(error, 'ESRCH');
  }
}

/** True when a cluster can be started here. */
export function hasKafka(t: TestContext): boolean {
  return hasTools(t, 'java', 'mvn');
}

/** A multiple of 100, above which the ports of all brokers are free. */
async function freePorts(brokers: number): Promise<number> {
  for (;;) {
    const base = 20_000 + 100 * Math.floor(Math.random() * 120);
    const ports = Array.from({ length: brokers * 10 }, (_, index) => base + 10 + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return base;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
