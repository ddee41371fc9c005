/**
 * npm run test:long -- <suite>: a slow suite in its long form. Each is an ordinary suite with a larger number in its
 * environment; what is set already is left as it is.
 */
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

interface LongSuite {
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly what: string;
}

const suites: Readonly<Record<string, LongSuite>> = {
  kills: {
    files: ['test/crash/kill.suite.ts', 'test/crash/store-kills.suite.ts', 'test/crash/queue-kills.suite.ts'],
    environment: { KILLS: '1000' },
    what: 'kill -9 of a server, of a store and of the queues of all services at work, a thousand times each',
  },
  simulation: {
    files: [
      'test/engine/simulation/simulation.test.ts',
      'test/engine/simulation/shared.test.ts',
      'test/engine/simulation/snapshots.test.ts',
      'test/queue/simulation.test.ts',
      'test/queue/leased/history.test.ts',
      'test/services/s3/embedded/power-cut.test.ts',
    ],
    environment: { NAGARE_SEED: String(randomInt(1_000_000)), NAGARE_HISTORIES: '3000' },
    what: 'three thousand new histories of the engine, of machines that share a log, of queues and of objects',
  },
  cluster: {
    files: [
      'test/cluster/kills.suite.ts',
      'test/cluster/roles.suite.ts',
      'test/engine/kafka/brokers.suite.ts',
    ],
    environment: { OWNER_KILLS: '30', BROKER_KILLS: '3' },
    what: 'kill -9 of the owner of a shared log, thirty times on Kafka and on S3, and kills and restarts of all Kafka brokers',
  },
  'power-cuts': {
    files: ['test/faults/power-cuts.suite.ts'],
    environment: { CUTS: '500', LOAD_SECONDS: '30', CAMPAIGN: 'cuts' },
    what: '500 power cuts of a sound disk',
  },
  'failing-syncs': {
    files: ['test/faults/power-cuts.suite.ts'],
    environment: { CUTS: '500', LOAD_SECONDS: '30', CAMPAIGN: 'faults' },
    what: '500 power cuts of a disk whose syncs fail and that is full at times',
  },
  flips: {
    files: ['test/faults/flips.suite.ts'],
    environment: { FLIPS: '1000' },
    what: 'a thousand damages of files of every kind',
  },
  firehose: {
    files: ['test/faults/firehose.suite.ts'],
    environment: { ROUNDS: '500' },
    what: '500 histories of delivery streams that are killed, with failing stores and functions',
  },
  terraform: {
    files: ['test/terraform/modules.suite.ts'],
    environment: { MODULES: 'all' },
    what: 'all modules applied, changed and destroyed by Terraform',
  },
  soak: {
    files: ['test/faults/soak.suite.ts'],
    environment: { SOAK_SECONDS: '1200' },
    what: 'twenty minutes of mixed load with flat memory, handles and threads',
  },
  console: {
    files: ['test/browser/console-budgets.suite.ts'],
    environment: { CONSOLE_SECONDS: '600' },
    what: 'ten minutes of 4,000 records a second in a page of the console, with flat memory',
  },
};

const [name = '', ...rest] = process.argv.slice(2);
const suite = suites[name];
if (suite === undefined || rest.length > 0) {
  const lines = Object.entries(suites).map(([known, { what }]) => `  ${known.padEnd(14)} ${what}`);
  console.error(`npm run test:long -- <suite>\n${lines.join('\n')}`);
  process.exitCode = 2;
} else {
  const { status } = spawnSync(
    process.execPath,
    ['--test', '--test-force-exit', '--test-concurrency=1', '--test-reporter=spec', ...suite.files],
    { stdio: 'inherit', env: { ...suite.environment, ...process.env } },
  );
  process.exitCode = status ?? 1;
}
