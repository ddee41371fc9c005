import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { CreateUserCommand, CreateLoginProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import type { ActivityView } from '../../src/console/activity.ts';
import type { RecentChange } from '../../src/audit/recent-changes.ts';
import type { SeenRequest } from '../../src/audit/request-feed.ts';
import { clientOptions, startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { ConsoleClient, type EventClient } from './client.ts';

describe('the activity in the console', () => {
  let server: TestServer;
  let kinesis: KinesisClient;
  let console: ConsoleClient;
  let events: EventClient;

  before(async () => {
    server = await startTestServer();
    kinesis = new KinesisClient(clientOptions(server.endpoint));
    console = new ConsoleClient(server.endpoint);
    events = await console.events();
    await events.subscribe('all', { topic: 'activity' });
  });
  after(async () => {
    await events[Symbol.asyncDispose]();
    kinesis.destroy();
    await server.close();
  });

  const change = (isWanted: (change: RecentChange) => boolean, sub = 'all'): Promise<RecentChange> =>
    events.first(sub, ({ changes }) => (changes as RecentChange[] | undefined)?.find(isWanted));

  test('a change appears by itself with who made it, also one that was refused', async () => {
    await kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
    await assert.rejects(kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 })));
    const made = await change(({ operation, error }) => operation === 'kinesis:CreateStream' && !error);
    assert.deepEqual(
      { resource: made.resource, via: made.via, who: made.who, address: made.address },
      { resource: 'orders', via: 'API', who: 'test', address: '127.0.0.1' },
    );
    assert.deepEqual(JSON.parse(made.parameters), { streamName: 'orders', shardCount: 1 });
    const refused = await change(({ error }) => error?.code === 'ResourceInUseException');
    assert.match(refused.error?.message ?? '', /orders/);
  });

  test('data that others put is not in it; what the console does is, without the data', async () => {
    const Data = Buffer.from('by the API');
    await kinesis.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data }));
    const secret = Buffer.from('by the console').toString('base64');
    const input = { StreamName: 'orders', PartitionKey: 'k', Data: secret };
    await console.post('call/kinesis/PutRecord', input);
    const put = await change(({ operation }) => operation === 'kinesis:PutRecord');
    assert.equal(put.via, 'console');
    assert.ok(!put.parameters.includes(secret), put.parameters);
    assert.equal(put.resource, 'orders');
    const all = events.of('all').at(-1)?.['changes'] as RecentChange[];
    assert.equal(all.filter(({ operation }) => operation === 'kinesis:PutRecord').length, 1);
  });

  test('it shows no secrets', async () => {
    const iam = new IAMClient(clientOptions(server.endpoint));
    await iam.send(new CreateUserCommand({ UserName: 'ada' }));
    await iam
      .send(new CreateLoginProfileCommand({ UserName: 'ada', Password: 'swordfish' }))
      .catch(() => undefined);
    await change(({ operation }) => operation === 'iam:CreateUser');
    assert.ok(!JSON.stringify(events.of('all')).includes('swordfish'));
    iam.destroy();
  });

  test('it is filtered by the server', async () => {
    await events.subscribe('some', { topic: 'activity', filter: 'createstream ResourceInUse' });
    await change(() => true, 'some');
    const [message] = events.of('some');
    assert.ok(message);
    const { matching, total, changes } = message;
    assert.equal(matching, 1);
    assert.ok(Number(total) > 1);
    assert.equal((changes as unknown[]).length, 1);
  });

  test('requests are shown as they are answered, only while somebody watches', async () => {
    await events.subscribe('requests', { topic: 'requests' });
    await events.first('requests', (message) => message);
    const put = () =>
      kinesis.send(new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from('x') }));
    await put();
    const seen = (): SeenRequest[] =>
      events.of('requests').flatMap(({ requests }) => (requests as SeenRequest[] | undefined) ?? []);
    await until(() => seen().length > 0);
    const [first] = seen();
    assert.equal(first?.operation, 'kinesis:PutRecord');
    assert.equal(first?.status, 200);
    assert.ok((first?.durationMs ?? 0) > 0);
    await assert.rejects(
      kinesis.send(new PutRecordCommand({ StreamName: 'none', PartitionKey: 'k', Data: Buffer.from('x') })),
    );
    await until(() => seen().some(({ errorCode }) => errorCode === 'ResourceNotFoundException'));
    assert.ok(!seen().some(({ operation }) => operation.includes('console')));
  });

  test('a burst of requests is complete or its gap is counted', async () => {
    const before = events.of('requests').length;
    const bodies = Array.from({ length: 400 }, () =>
      fetch(`${server.endpoint}/no-such-bucket/key`).then((response) => response.text()),
    );
    await Promise.all(bodies);
    await until(() => {
      const since = events.of('requests').slice(before);
      const shown = since.reduce((sum, { requests }) => sum + (requests as unknown[]).length, 0);
      const skipped = since.reduce((sum, { skipped: count }) => sum + Number(count), 0);
      return shown + skipped === 400;
    });
  });
});

test('with an audit log the changes from before a restart are there, once', async () => {
  const folder = await temporaryFolder();
  const audit = {
    file: join(folder, 'audit.log'),
    fileBytesMax: 1_000_000,
    filesMax: 2,
    data: 'none',
  } as const;
  const server = await startTestServer({ audit: { ...audit, required: false } });
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  const create = (StreamName: string) => kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await create('before');
  await assert.rejects(create('before'));
  await new ConsoleClient(server.endpoint).post('call/kinesis/ListStreams', {});
  await until(async () => (await readFile(audit.file, 'utf8')).includes('ResourceInUseException'));
  // Times in the audit log are whole seconds: those of the second of the start are not from before it.
  const second = Math.floor(Date.now() / 1000);
  await until(() => Math.floor(Date.now() / 1000) > second);
  await server.restart();
  await create('after');
  await using events = await new ConsoleClient(server.endpoint).events();
  await events.subscribe('all', { topic: 'activity' });
  const { changes, sinceMs } = await events.firstWith<ActivityView>('all', 'changes');
  const streams = changes.filter(({ operation }) => operation === 'kinesis:CreateStream');
  assert.deepEqual(
    streams.map(({ resource, via, error, who }) => [resource, via, error?.code, who]),
    [
      ['after', 'API', undefined, 'test'],
      ['before', 'audit log', 'ResourceInUseException', 'test'],
      ['before', 'audit log', undefined, 'test'],
    ],
  );
  assert.ok(streams.every(({ timeMs, via }) => timeMs >= sinceMs === (via === 'API')));
  assert.deepEqual(JSON.parse(streams[2]?.parameters ?? ''), { streamName: 'before', shardCount: 1 });
  assert.ok(!changes.some(({ operation }) => operation === 'kinesis:ListStreams'));
  kinesis.destroy();
  await server.close();
});
