/** A new standby against a bare consumer of the same partition, and its memory against the owner's. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RealCluster } from '../../test/engine/kafka/real-cluster.ts';
import { median } from './load.ts';
import { consume } from './shared-codec.ts';
import type { MemberReport, MemberTask } from './shared-member.ts';

const ROUNDS = 3;
const MIB = 1024 * 1024;
/** So long that the start of a process is a small part. */
const loads = [
  { requests: 4000, records: 125, bytes: 1024 },
  { requests: 60_000, records: 1, bytes: 100 },
];

export async function standbys(cluster: RealCluster): Promise<void> {
  for (const [index, write] of loads.entries()) {
    const topic = `standby-${index}`;
    const common = { bootstrap: cluster.addresses(), topic };
    const owner = await start({ ...common, write });
    const rounds: {
      readonly standby: MemberReport;
      readonly bareMs: number;
      readonly bareProcessorMs: number;
      readonly bytes: number;
    }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [begun, before] = [performance.now(), process.cpuUsage()];
      const bytes = await consume(cluster, topic, owner.report.position);
      const [bareMs, used] = [performance.now() - begun, process.cpuUsage(before)];
      const bareProcessorMs = (used.user + used.system) / 1000;
      const standby = await start({ ...common, until: owner.report.position });
      rounds.push({ standby: standby.report, bareMs, bareProcessorMs, bytes });
      await standby.stop();
    }
    await owner.stop();
    const middle = (of: (round: (typeof rounds)[number]) => number): number => median(rounds.map(of));
    const { rssBytes, usedBytes } = owner.report;
    console.log(
      `a new standby of ${write.requests} requests of ${write.records} x ${write.bytes} B in ${owner.report.position} frames: ` +
        `${middle(({ standby, bytes }) => bytes / MIB / (standby.ms / 1000)).toFixed(1)} MiB per second, ` +
        `${middle(({ standby, bareMs }) => bareMs / standby.ms).toFixed(2)} of a bare consumer ` +
        `(${middle(({ standby, bareProcessorMs }) => bareProcessorMs / standby.processorMs).toFixed(2)} of its bytes for the same processor time), ` +
        `${middle(({ standby, bytes }) => bytes / MIB / (standby.processorMs / 1000)).toFixed(0)} MiB per second of a processor; memory in use ` +
        `${middle(({ standby }) => standby.usedBytes / usedBytes).toFixed(2)} of the owner's ` +
        `(${(usedBytes / MIB).toFixed(0)} MiB), resident ${middle(({ standby }) => standby.rssBytes / rssBytes).toFixed(2)} ` +
        `(${(rssBytes / MIB).toFixed(0)} MiB)`,
    );
  }
}

async function start(task: Omit<MemberTask, 'folder'>): Promise<{
  readonly report: MemberReport;
  stop(): Promise<void>;
}> {
  const folder = await mkdtemp(join(tmpdir(), 'nagare-bench-'));
  const program = fileURLToPath(new URL('shared-member.ts', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(`${JSON.stringify({ ...task, folder })}\n`);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const report = await new Promise<MemberReport>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) =>
      resolve(JSON.parse(line) as MemberReport),
    );
    void exited.then(() => reject(new Error('the process of a member ended')));
  });
  return {
    report,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
