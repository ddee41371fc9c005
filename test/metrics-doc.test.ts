import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RecordQueue } from '../src/audit/record-queue.ts';
import { DeliveryCounters, objectMetrics, tableMetrics } from '../src/delivery/counters.ts';
import { MetricRegistry } from '../src/metrics.ts';
import { RefusedActionMetrics } from '../src/server/refused-action-metrics.ts';
import { DeliveryStreamMetrics } from '../src/services/firehose/metrics.ts';
import { SHARD_METRICS, ShardMetrics } from '../src/services/kinesis/shards/shard-metrics.ts';
import { StreamMetrics } from '../src/services/kinesis/streams/stream-metrics.ts';
import {
  FunctionMetrics,
  functionMetricUnits,
  MappingMetrics,
  mappingMetricUnits,
  StartMetrics,
  startMetricUnits,
} from '../src/services/lambda/function-metrics.ts';
import { ListLogMetrics } from '../src/services/listlog/metrics.ts';
import { GroupMetrics } from '../src/services/logs/group-metrics.ts';
import { ManualClock } from '../src/support/clock.ts';
import { silentLog } from '../src/support/log.ts';
import { QueueMetrics, queueMetricUnits } from '../src/services/sqs/queue-metrics.ts';
import { TopicMetrics, topicMetricUnits } from '../src/services/sns/topic-metrics.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(`${root}/docs/metrics.md`, 'utf8');

/** Makes all metrics of a file. */
const publishers: Readonly<Record<string, (registry: MetricRegistry) => void>> = {
  'src/audit/record-queue.ts': (metrics) => {
    void new RecordQueue({
      name: 'file',
      bytesMax: 1,
      batch: { bytesMax: 1, recordsMax: 1 },
      write: () => Promise.resolve(),
      lossRecord: () => ({ line: '', bytes: 0, partitionKey: '', stream: undefined }),
      clock: new ManualClock(),
      log: silentLog,
      metrics,
    });
  },
  'src/delivery/counters.ts': (registry) => {
    const dimensions = { StreamName: 's', ChannelName: 'c', ChannelId: 'i' };
    for (const metrics of [objectMetrics, tableMetrics]) {
      void new DeliveryCounters(registry, { namespace: 'AWS/Kinesis', dimensions }, metrics);
    }
  },
  'src/server/refused-action-metrics.ts': (registry) => {
    new RefusedActionMetrics(registry).add('sns.amazonaws.com');
  },
  'src/services/firehose/metrics.ts': (registry) => {
    const metrics = new DeliveryStreamMetrics(registry, 'd');
    for (const name of Object.getOwnPropertyNames(DeliveryStreamMetrics.prototype))
      Reflect.get(metrics, name);
    for (const { text } of filesOf('src/services/firehose/**/*.ts')) {
      // Names that are put together begin with the destination's.
      for (const [, name = '', unit = ''] of text.matchAll(/metrics\.add\(\s*['`]([^'`]+)['`],\s*'(\w+)'/g)) {
        const listed = name.replace('${prefix}', '<destination>');
        registry.metric('AWS/Firehose', listed, unit, { DeliveryStreamName: 'd' });
      }
    }
  },
  'src/services/kinesis/shards/shard-metrics.ts': (registry) => {
    void new ShardMetrics(registry, 's', 'shardId-000000000000', SHARD_METRICS);
  },
  'src/services/kinesis/streams/stream-metrics.ts': (registry) => {
    const metrics = new StreamMetrics(registry, 's');
    for (const name of Object.getOwnPropertyNames(StreamMetrics.prototype)) Reflect.get(metrics, name);
    metrics.subscription('c');
  },
  'src/services/lambda/function-metrics.ts': (registry) => {
    const metrics = new FunctionMetrics(registry);
    for (const name of keysOf(functionMetricUnits)) metrics.add('f', name, 1);
    const mappings = new MappingMetrics(registry);
    for (const name of keysOf(mappingMetricUnits)) mappings.add('m', name, 1);
    const starts = new StartMetrics(registry);
    for (const name of keysOf(startMetricUnits)) starts.add('f', name, 1);
  },
  'src/services/listlog/metrics.ts': (registry) => void new ListLogMetrics(registry, 'l'),
  'src/services/logs/group-metrics.ts': (registry) => new GroupMetrics(registry, 'g').count([]),
  'src/services/sqs/queue-metrics.ts': (registry) => {
    const metrics = new QueueMetrics(registry, 'q');
    for (const name of keysOf(queueMetricUnits)) metrics.add(name, 1);
  },
  'src/services/sns/topic-metrics.ts': (registry) => {
    const metrics = new TopicMetrics(registry);
    for (const name of keysOf(topicMetricUnits)) {
      metrics.add('arn:aws:sns:us-east-1:000000000000:t', name, 1);
    }
  },
};

function keysOf<Key extends string>(object: Readonly<Record<Key, unknown>>): Key[] {
  return Object.keys(object) as Key[]; // the keys of a literal
}

function filesOf(pattern: string): { file: string; text: string }[] {
  return globSync(pattern, { cwd: root }).map((file) => ({
    file,
    text: readFileSync(`${root}/${file}`, 'utf8'),
  }));
}

const sources = filesOf('src/**/*.ts').filter(
  ({ file, text }) => file !== 'src/metrics.ts' && /\w*(?:metrics|[rR]egistry)\.metric\(/.test(text),
);

/** Metrics without dimensions, by their literal names. */
const literal = /metrics\.metric\('([^']+)', '([^']+)', '([^']+)'\)/g;

test('docs/metrics.md lists all metrics with their units and dimensions, and no others', () => {
  const registry = new MetricRegistry();
  for (const publish of Object.values(publishers)) publish(registry);
  for (const { text } of sources) {
    for (const [, namespace = '', name = '', unit = ''] of text.matchAll(literal)) {
      registry.metric(namespace, name, unit);
    }
  }
  // A metric may be counted in several places.
  const published = [...registry].map(({ identity: { namespace, name, unit, dimensions } }) => {
    return `${[namespace, ...dimensions.map((dimension) => dimension.name)].join(' ')}: ${name} (${unit})`;
  });
  assert.deepEqual(listed().toSorted(), [...new Set(published)].toSorted());
});

test('this test knows every file that makes metrics', () => {
  const known = sources.filter(({ file, text }) => file in publishers || text.search(literal) !== -1);
  assert.deepEqual(
    sources.map(({ file }) => file),
    known.map(({ file }) => file),
  );
  assert.deepEqual(
    Object.keys(publishers).filter((file) => !sources.some((source) => source.file === file)),
    [],
  );
});

/** `<namespace> <dimensions>: <name> (<unit>)` of each row of the page. */
function listed(): string[] {
  return page
    .split(/^## /m)
    .slice(1)
    .flatMap((section) => {
      const [heading = ''] = section.split('\n');
      const scope = heading.replace(/ by | and |, /g, ' ');
      const rows = section.matchAll(/^\| `([^`]+)` \| (\w+) \| .+ \|$/gm);
      return [...rows].map(([, name = '', unit = '']) => `${scope}: ${name} (${unit})`);
    });
}
