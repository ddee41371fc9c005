import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DescribeStreamSummaryCommand, KinesisClient, ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { runCommand } from '../support/command.ts';
import { declared } from '../support/declarations.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';

const first = `
streams:
  orders: { shardCount: 4 }
  old: { consumers: [reader] }
buckets: [archive]
functions:
  say:
    path: ./say.mjs
    eventSources: [{ stream: orders, batchSize: 10 }]
topics:
  alerts: { subscriptions: [{ protocol: lambda, endpoint: say }] }
alarms:
  busy: &busy
    namespace: AWS/Kinesis
    metricName: IncomingRecords
    statistic: Sum
    period: 60
    threshold: 5
    comparisonOperator: GreaterThanThreshold
listLogs:
  all: { stream: orders, bucket: archive, key: log.txt }
`;

/** `nagare apply` of a file beside a function, on a server of its own. */
async function place(t: TestContext) {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'say.mjs'), 'export const handler = async () => "said";');
  const server = await startTestServer();
  t.after(() => server.close());
  const apply = async (yaml: string, ...options: string[]) => {
    const file = join(folder, 'nagare.yaml');
    await writeFile(file, yaml);
    const { code, output, errors } = await runCommand([
      'apply',
      file,
      '--endpoint',
      server.endpoint,
      ...options,
    ]);
    return { code, lines: output.split('\n').slice(0, -1), errors };
  };
  return { server, apply };
}

async function streamsOf({ endpoint }: TestServer): Promise<readonly string[] | undefined> {
  const client = new KinesisClient(clientOptions(endpoint));
  const { StreamNames } = await client.send(new ListStreamsCommand({}));
  client.destroy();
  return StreamNames;
}

test('apply makes a running server match a file; applying the same file again changes nothing', async (t) => {
  const { server, apply } = await place(t);
  const dry = await apply(first, '--dry-run');
  assert.deepEqual(await streamsOf(server), []);
  const done = await apply(first);
  assert.deepEqual(
    done.lines.map((line) => line.replace(/ \(.*/, '')),
    [
      'create  buckets.archive',
      'create  streams.orders',
      'create  streams.old',
      'create  streams.old.consumers.reader',
      'create  topics.alerts',
      'create  topics.alerts.subscriptions.lambda.say',
      'create  functions.say',
      'create  functions.say.eventSources.orders',
      'create  alarms.busy',
      'create  listLogs.all',
      '0 unchanged',
    ],
  );
  assert.deepEqual(dry.lines, [...done.lines.slice(0, -1), '0 unchanged; this was a dry run']);
  assert.equal(done.code, 0);
  const lambda = new LambdaClient(clientOptions(server.endpoint));
  const { Payload = [] } = await lambda.send(new InvokeCommand({ FunctionName: 'say' }));
  lambda.destroy();
  assert.equal(Buffer.from(Payload).toString(), '"said"');
  assert.deepEqual((await apply(first)).lines, ['10 unchanged']);
});

test('resources that are no longer declared are kept and named, until --prune deletes them', async (t) => {
  const { server, apply } = await place(t);
  await apply(first);
  const second = 'streams:\n  orders: { shardCount: 4, retentionPeriodHours: 48 }\n';
  const kept = await apply(second);
  assert.equal(kept.lines[0], 'change  streams.orders (retentionPeriodHours 24 -> 48)');
  assert.ok(kept.lines.includes('keep    streams.old (no longer declared; --prune deletes it)'));
  assert.deepEqual(await streamsOf(server), ['old', 'orders']);
  const pruned = await apply(second, '--prune');
  assert.deepEqual(pruned, {
    code: 0,
    lines: [
      'delete  topics.alerts.subscriptions.lambda.say',
      'delete  functions.say.eventSources.orders',
      'delete  streams.old.consumers.reader',
      'delete  listLogs.all',
      'delete  alarms.busy',
      'delete  functions.say',
      'delete  topics.alerts',
      'delete  streams.old',
      'delete  buckets.archive',
      '1 unchanged',
    ],
    errors: '',
  });
  assert.deepEqual(await streamsOf(server), ['orders']);
  const lambda = new LambdaClient(clientOptions(server.endpoint));
  assert.deepEqual((await lambda.send(new ListEventSourceMappingsCommand({}))).EventSourceMappings, []);
  lambda.destroy();
  assert.deepEqual((await apply(second, '--prune')).lines, ['1 unchanged']);
});

test('a failed deletion is reported, and the rest is done', async (t) => {
  const { server, apply } = await place(t);
  await apply('buckets: [full, empty]\n');
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=a/b/us-east-1/s3/aws4_request' };
  const put = await fetch(`${server.endpoint}/full/key`, { method: 'PUT', body: 'x', headers });
  assert.equal(put.status, 200);
  const { code, errors } = await apply('streams:\n', '--prune');
  assert.equal(code, 1);
  assert.match(errors, /^nagare: buckets\.full: .*not empty/);
  const again = await apply('streams:\n', '--dry-run', '--prune');
  assert.equal(again.lines[0], 'delete  buckets.full');
  assert.equal(again.lines.length, 2);
});

test('fewer shards require --allow-reshard; more are shown in the plan', async (t) => {
  const { server, apply } = await place(t);
  await apply('streams:\n  s: { shardCount: 2 }\n');
  const fewer = await apply('streams:\n  s: { shardCount: 1 }\n');
  assert.equal(fewer.code, 1);
  assert.match(
    fewer.errors,
    /^nagare: \S*nagare\.yaml:2: streams\.s: the stream has 2 shards .* --allow-reshard/,
  );
  const more = await apply('streams:\n  s: { shardCount: 3 }\n');
  assert.equal(more.lines[0], 'change  streams.s (shardCount 2 -> 3)');
  const allowed = await apply('streams:\n  s: { shardCount: 1 }\n', '--allow-reshard');
  assert.deepEqual(allowed.lines, ['change  streams.s (shardCount 3 -> 1)', '0 unchanged']);
  const client = new KinesisClient(clientOptions(server.endpoint));
  const { StreamDescriptionSummary } = await client.send(
    new DescribeStreamSummaryCommand({ StreamName: 's' }),
  );
  client.destroy();
  assert.equal(StreamDescriptionSummary?.OpenShardCount, 1);
});

// A misspelt key hid every other problem: the services had not looked at the rest yet.
test('all problems of a file are reported at once, with lines: of its form, of bounds, and what services refuse', async (t) => {
  const { server, apply } = await place(t);
  const yaml = `streams:
  zero: { shardCount: 0 }
  good:
  odd: { shardCuont: 1 }
  short: { retentionPeriodHours: 1 }
alarms:
  busy:
    namespace: AWS/Kinesis
    metricName: IncomingRecords
    statistic: Sum
    period: 7
    threshold: 5
    comparisonOperator: GreaterThanThreshold
prot: 1
`;
  const { code, lines, errors } = await apply(yaml);
  assert.deepEqual({ code, lines }, { code: 1, lines: [] });
  const places = errors
    .split('\n')
    .map((line) => /nagare\.yaml:(\d+): (\S+?):? /.exec(line)?.slice(1).join(' '));
  assert.deepEqual(places.slice(0, -1), [
    '2 streams.zero',
    '4 streams.odd.shardCuont',
    '5 streams.short',
    '7 alarms.busy',
    '14 prot',
  ]);
  assert.deepEqual(await streamsOf(server), []);
});

test('a server started without an earlier declaration names what it keeps', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const server = await startTestServer({ dataDir, declarations: declared({ streams: { s: {} } }) });
  await server.close();
  await using again = await startTestServer({ dataDir, declarations: declared({ streams: { t: {} } }) });
  const file = join(await temporaryFolder(), 'nagare.yaml');
  await writeFile(file, 'streams:\n  t:\n');
  const { output } = await runCommand(['apply', file, '--dry-run', '--endpoint', again.endpoint]);
  assert.equal(
    output,
    'keep    streams.s (no longer declared; --prune deletes it)\n1 unchanged; this was a dry run\n',
  );
});
