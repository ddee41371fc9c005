import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import { runCommand } from '../../support/command.ts';
import { clientOptions, startTestServer } from '../../support/server.ts';

interface Reader {
  readonly Kind: string;
  readonly Reader: string;
  readonly ShardId?: string;
  readonly MillisBehindLatest: number;
  readonly RetentionShare: number;
  readonly RecordsBehind: number;
  readonly RecordsPerSecond?: number;
  readonly Trend: string;
  readonly LastSeen: string;
}

async function setUp(t: TestContext) {
  const server = await startTestServer();
  t.after(() => server.close());
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  t.after(() => kinesis.destroy());
  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const report = (...args: string[]) =>
    runCommand(['consumer', 'report', 's', '--over', '100ms', ...args], {
      AWS_ENDPOINT_URL: server.endpoint,
    });
  return { server, kinesis, report };
}

const put = (kinesis: KinesisClient) =>
  kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('a') }));

test('a reader that polls is shown with how far it is behind, though it is not registered', async (t) => {
  const { kinesis, report } = await setUp(t);
  for (let at = 0; at < 3; at++) await put(kinesis);
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: 's',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
  const { output, errors } = await report('--json');
  const [reader, ...others] = JSON.parse(output) as Reader[];
  assert.deepEqual([others, errors], [[], '']);
  assert.equal(reader?.Kind, 'polling');
  assert.match(reader.Reader, /aws-sdk-js/);
  assert.equal(reader.RecordsBehind, 2);
  assert.ok(reader.MillisBehindLatest > 0 && reader.RetentionShare > 0 && reader.RetentionShare < 1);
  // It stands still while time goes on.
  assert.equal(reader.Trend, 'falling behind');
  assert.equal(reader.RecordsPerSecond, 0);
  assert.ok(Date.parse(reader.LastSeen) > 0);

  const byShard = JSON.parse((await report('--shards', '--ndjson')).output) as Reader;
  assert.equal(byShard.ShardId, 'shardId-000000000000');
  assert.equal(byShard.RecordsBehind, 2);
  assert.match((await report()).output, /^polling\t.*\t2\tfalling behind\t/);
});

test('a stream without readers has an empty report, and one that does not exist is not found', async (t) => {
  const { server, report } = await setUp(t);
  assert.equal((await report('--json')).output, '[]\n');
  const environment = { AWS_ENDPOINT_URL: server.endpoint };
  const missing = await runCommand(['consumer', 'report', 'missing'], environment);
  assert.equal(missing.code, 4);
  assert.match(missing.errors, /there is no stream missing\n {2}try: nagare stream ls/);
});
