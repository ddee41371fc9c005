import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { PathStep } from '../../src/console/data-path.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { API, ConsoleClient, type EventClient } from './client.ts';

describe('a stream in the console: its export, and the way of its records', () => {
  let server: TestServer;
  let kinesis: KinesisClient;
  let console: ConsoleClient;
  let events: EventClient;

  before(async () => {
    server = await startTestServer();
    kinesis = new KinesisClient(clientOptions(server.endpoint));
    console = new ConsoleClient(server.endpoint);
    events = await console.events();
    await kinesis.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 2 }));
    for (let n = 0; n < 60; n++) await put('orders', `{"n":${n}}`, `key-${n}`);
    await put('orders', '=HYPERLINK("http://evil"), "quoted"\nsecond line', '+key');
  });
  after(async () => {
    await events[Symbol.asyncDispose]();
    kinesis.destroy();
    await server.close();
  });

  async function put(StreamName: string, data: string, PartitionKey: string): Promise<void> {
    await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(data) }));
  }

  async function exported(query: Record<string, string>): Promise<Response> {
    const search = new URLSearchParams({ stream: 'orders', from: 'oldest', ...query });
    return await fetch(`${server.endpoint}${API}export?${search.toString()}`);
  }

  test('NDJSON has each record as nagare put takes it, and is a file to keep', async () => {
    const response = await exported({ format: 'ndjson' });
    assert.equal(response.headers.get('content-disposition'), 'attachment; filename="orders.ndjson"');
    const lines = (await response.text()).trimEnd().split('\n');
    assert.equal(lines.length, 61);
    const first = JSON.parse(lines[0] ?? '') as Record<string, string>;
    assert.deepEqual(Object.keys(first), [
      'ShardId',
      'SequenceNumber',
      'ApproximateArrivalTimestamp',
      'PartitionKey',
      'Data',
    ]);
    assert.match(first['SequenceNumber'] ?? '', /^\d{56}$/);
    assert.match(Buffer.from(first['Data'] ?? '', 'base64').toString(), /^\{"n":\d+\}$/);
  });

  test('it has the shards, the position and the filter of the page', async () => {
    const all = (await (await exported({ format: 'ndjson', filter: '$.n >= 50' })).text()).trimEnd();
    assert.equal(all.split('\n').length, 10);
    const shards = 'shardId-000000000001';
    const some = (await (await exported({ format: 'ndjson', shards })).text()).trimEnd().split('\n');
    assert.ok(some.length > 0 && some.length < 61 && some.every((line) => line.includes(shards)));
    const { SequenceNumber: from = '' } = JSON.parse(some.at(-1) ?? '{}') as Record<string, string>;
    const last = (await (await exported({ format: 'ndjson', from })).text()).trimEnd();
    assert.equal(last.split('\n').length, 1);
    const future = new Date(Date.now() + 60_000).toISOString();
    assert.equal(await (await exported({ format: 'ndjson', from: future })).text(), '');
  });

  test('no cell of CSV is a formula', async () => {
    const text = await (await exported({ format: 'csv', filter: 'HYPERLINK' })).text();
    const [head, ...lines] = text.split('\r\n');
    assert.equal(head, 'time,shard,sequence number,partition key,bytes,data');
    assert.match(
      lines.join('\r\n'),
      /^\S+Z,shardId-\d+,"\d{56}",'\+key,47,"'=HYPERLINK\(""http:\/\/evil""\), ""quoted""\nsecond line"\r\n$/,
    );
  });

  test('what cannot be exported is refused', async () => {
    assert.equal((await exported({ format: 'xlsx' })).status, 400);
    assert.equal((await exported({ stream: 'none' })).status, 404);
    assert.equal((await exported({ from: 'yesterday' })).status, 400);
    assert.equal((await exported({ filter: 'key ==' })).status, 400);
  });

  test('an export counts as no reader; the way of records says that nobody reads', async () => {
    await events.subscribe('path', { topic: 'path', stream: 'orders' });
    const { steps } = await events.firstWith<{ readonly steps: PathStep[] }>('path', 'steps');
    assert.deepEqual(
      steps.map(({ name, state, value }) => [name, state, name === 'Records' ? '' : value]),
      [
        ['Puts', '', '0 /s'],
        ['Records', '', ''],
        ['Readers', '', 'none'],
        ['Functions', '', 'none'],
        ['Deliveries', '', 'none'],
      ],
    );
    assert.match(steps[1]?.says ?? '', /since the oldest, of 1 d/);
  });
});
