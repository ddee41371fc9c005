import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { aggregate } from '../consumers/aggregate.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { API, ConsoleClient } from './client.ts';

describe('the console of a server without keys', () => {
  let server: TestServer;
  let kinesis: KinesisClient;
  let console: ConsoleClient;

  before(async () => {
    server = await startTestServer();
    kinesis = new KinesisClient(clientOptions(server.endpoint));
    console = new ConsoleClient(server.endpoint);
  });
  after(async () => {
    kinesis.destroy();
    await server.close();
  });

  async function newStream(StreamName: string, ShardCount = 1): Promise<string> {
    await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount }));
    return StreamName;
  }

  async function put(StreamName: string, data: string | Uint8Array, PartitionKey = 'key'): Promise<string> {
    const Data = typeof data === 'string' ? Buffer.from(data) : data;
    const { SequenceNumber } = await kinesis.send(new PutRecordCommand({ StreamName, PartitionKey, Data }));
    return SequenceNumber ?? '';
  }

  async function putMany(StreamName: string, from: number, count: number): Promise<void> {
    const Records = Array.from({ length: count }, (_, at) => ({
      PartitionKey: `key-${from + at}`,
      Data: Buffer.from(JSON.stringify({ n: from + at })),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  }

  test('a browser that opens the server is led to it; programs are not', async () => {
    const browser = await fetch(server.endpoint, {
      headers: { accept: 'text/html,*/*' },
      redirect: 'manual',
    });
    assert.equal(browser.status, 302);
    assert.equal(browser.headers.get('location'), '_nagare/console/');
    const program = await fetch(server.endpoint, { redirect: 'manual' });
    assert.equal(program.status, 200);
    assert.match(await program.text(), /ListAllMyBucketsResult/);
    const inside = await fetch(`${server.endpoint}/_nagare/console`, { redirect: 'manual' });
    assert.equal(inside.headers.get('location'), 'console/');
  });

  test('its pages may load and run nothing but their own files', async () => {
    const page = await fetch(`${server.endpoint}/_nagare/console/`);
    assert.equal(page.status, 200);
    assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'self'/);
    assert.equal(page.headers.get('x-frame-options'), 'DENY');
    const html = await page.text();
    assert.doesNotMatch(html, /<script>|<style|style=|\son\w+=|https?:/);
  });

  test('the first page takes at most 45 kB of script and 10 kB of style', async () => {
    const size = async (name: string): Promise<number> => {
      const response = await fetch(`${server.endpoint}/_nagare/console/${name}`);
      assert.equal(response.status, 200, name);
      return gzipSync(await response.text()).length;
    };
    const main = await (await fetch(`${server.endpoint}/_nagare/console/main.js`)).text();
    const chunks = [...main.matchAll(/from"\.\/(chunk-\w+\.js)"/g)].flatMap(([, name]) => name ?? []);
    const sizes = await Promise.all(['main.js', 'hub.js', ...chunks].map(size));
    assert.ok(sizes.reduce((sum, one) => sum + one, 0) <= 45_000, `script: ${sizes.join(', ')} bytes`);
    assert.ok((await size('style.css')) <= 10_000);
  });

  test('other sites reach nothing of it', async () => {
    const headers = {
      origin: 'http://evil.example',
      'sec-fetch-site': 'cross-site',
      'x-nagare-console': '1',
    };
    const foreign = await fetch(`${server.endpoint}${API}call/kinesis/ListStreams`, {
      method: 'POST',
      headers,
      body: '{}',
    });
    assert.equal(foreign.status, 403);
    const read = await fetch(`${server.endpoint}${API}streams`, {
      headers: { 'sec-fetch-site': 'same-site' },
    });
    assert.equal(read.status, 403);
    const form = await fetch(`${server.endpoint}${API}call/kinesis/ListStreams`, {
      method: 'POST',
      body: '{}',
    });
    assert.equal(form.status, 403, 'a form cannot send the header');
  });

  test('a call of an operation is answered as for any client', async () => {
    const created = await console.post('call/kinesis/CreateStream', { StreamName: 'called', ShardCount: 1 });
    assert.equal(created.status, 200);
    const again = await console.post('call/kinesis/CreateStream', { StreamName: 'called', ShardCount: 1 });
    assert.equal(again.status, 400);
    assert.equal(again.content['__type'], 'ResourceInUseException');
    const queues = await console.post('call/sns/ListTopics', {});
    assert.equal(queues.status, 200);
    assert.equal((await console.post('call/kinesis/NoSuch', {})).status, 404);
    // Of a REST service: what its path names is a member like any other.
    const missing = await console.post('call/lambda/GetFunction', { FunctionName: 'missing' });
    assert.equal(missing.content['__type'], 'ResourceNotFoundException');
    assert.equal((await console.post('call/s3/CreateBucket', { Bucket: 'made' })).status, 200);
    const { content } = await console.post('call/s3/ListObjectsV2', { Bucket: 'made' });
    assert.equal(content['KeyCount'], 0);
    assert.equal((await console.post('call/s3/GetObject', { Bucket: 'made', Key: 'k' })).status, 404);
  });

  test('the list of streams is filtered and paged by the server', async () => {
    for (let at = 0; at < 5; at++) await newStream(`paged-${at}`);
    const { content } = await console.get('streams?filter=PAGED&offset=3&limit=10');
    assert.equal(content['matching'], 5);
    assert.deepEqual(
      (content['rows'] as { name: string }[]).map(({ name }) => name),
      ['paged-3', 'paged-4'],
    );
  });

  test('a tail gets every record of a burst, and goes on after a pause without a gap', async () => {
    const stream = await newStream('burst', 3);
    await using events = await console.events();
    const request = { topic: 'records', stream, from: 'latest', follow: true };
    assert.deepEqual((await events.subscribe('a', request)).content, { refused: {} });
    await putMany(stream, 0, 500);
    await until(() => events.rows('a').length === 500);

    const positions = Object.assign({}, ...events.of('a').map(({ positions: one }) => one)) as object;
    await console.post(`events/${events.id}`, { close: ['a'] });
    await putMany(stream, 500, 500);
    await events.subscribe('b', { ...request, after: positions });
    await until(() => events.rows('b').length >= 500);
    await putMany(stream, 1000, 10);
    await until(() => events.rows('b').length >= 510);
    const numbers = [...events.rows('a'), ...events.rows('b')].map(
      ({ text }) => (JSON.parse(text) as { n: number }).n,
    );
    assert.deepEqual(
      numbers.toSorted((left, right) => left - right),
      Array.from({ length: 1010 }, (_, at) => at),
    );
  });

  test('a tail follows a stream through a split', async () => {
    const stream = await newStream('resharded');
    await using events = await console.events();
    await events.subscribe('a', { topic: 'records', stream, from: 'latest', follow: true });
    await put(stream, 'before');
    await kinesis.send(
      new SplitShardCommand({
        StreamName: stream,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: String(2n ** 127n),
      }),
    );
    await put(stream, 'after');
    await until(() => events.rows('a').length === 2);
    assert.deepEqual(
      events.rows('a').map(({ text }) => text),
      ['before', 'after'],
    );
  });

  test('a page that is too far behind skips records, and says how many', async () => {
    const stream = await newStream('skipped');
    const first = await put(stream, 'first');
    for (let at = 0; at < 22; at++) await putMany(stream, at * 500, 500);
    await using events = await console.events();
    const after = { 'shardId-000000000000': first };
    await events.subscribe('a', { topic: 'records', stream, from: 'latest', follow: true, after });
    const skipped = await events.first('a', ({ skipped: one }) => {
      return Object.values(one as Record<string, number>)[0];
    });
    assert.equal(skipped + events.rows('a').length, 11_000);
  });

  test('a search runs on the server, and says what it has read', async () => {
    const stream = await newStream('searched');
    await putMany(stream, 0, 400);
    await using events = await console.events();
    await events.subscribe('a', {
      topic: 'records',
      stream,
      from: 'oldest',
      follow: false,
      filter: '$.n >= 398',
    });
    const last = await events.first('a', (message) => message['done'] !== undefined && message);
    assert.deepEqual(
      events.rows('a').map(({ text }) => text),
      ['{"n":398}', '{"n":399}'],
    );
    const { done, scanned, matched } = last;
    assert.deepEqual({ done, scanned, matched }, { done: 'end', scanned: 400, matched: 2 });
    const wrong = await events.subscribe('b', {
      topic: 'records',
      stream,
      from: 'oldest',
      filter: '(',
      follow: false,
    });
    assert.deepEqual(wrong.content, { refused: {} });
    const ended = await events.first('b', (message) => message['ended'] as { message: string } | undefined);
    assert.match(ended.message, /ends too early/);
  });

  test('a search stops at its budget, and goes on from there', async () => {
    const stream = await newStream('budget');
    for (let at = 0; at < 3; at++) await putMany(stream, at * 500, 500);
    await using events = await console.events();
    const request = { topic: 'records', stream, from: 'oldest', follow: false };
    await events.subscribe('a', request);
    const { positions } = await events.first('a', (message) => message['done'] === 'matches' && message);
    await until(() => events.rows('a').length >= 500);
    const after = Object.assign({}, ...events.of('a').map(({ positions: one }) => one)) as object;
    assert.ok(positions !== undefined);
    const count = events.rows('a').length;
    assert.ok(count < 1500, String(count));
    await events.subscribe('b', { ...request, after });
    await events.first('b', (message) => message['done'] !== undefined);
    assert.equal(
      new Set([...events.rows('a'), ...events.rows('b')].map(({ seq }) => seq)).size,
      count + events.rows('b').length,
    );
  });

  test('a record is shown with its layers, its digits and its neighbours', async () => {
    const stream = await newStream('records');
    const shard = 'shardId-000000000000';
    await put(stream, 'first');
    const data = aggregate([
      { partitionKey: 'a', data: Buffer.from('{"id":18446744073709551617}') },
      { partitionKey: 'b', data: Buffer.from('<img src=x onerror=alert(1)>') },
    ]);
    const seq = await put(stream, gzipSync(data), 'outer');
    const { status, content } = await console.get(`record?stream=${stream}&shard=${shard}&seq=${seq}`);
    assert.equal(status, 200);
    assert.equal(content['seq'], seq);
    assert.deepEqual(content['chain'], ['gzip', 'KPL 2']);
    const [part] = content['parts'] as { key: string; content: { text: string } }[];
    assert.equal(part?.key, 'a');
    assert.equal(part.content.text, '{\n  "id": 18446744073709551617\n}');
    assert.equal(content['next'], undefined);
    const before = await console.get(
      `record?stream=${stream}&shard=${shard}&seq=${String(content['previous'])}`,
    );
    assert.equal((before.content['parts'] as { content: { text: string } }[])[0]?.content.text, 'first');
    assert.equal((await console.get(`record?stream=${stream}&shard=${shard}&seq=1`)).status, 404);
  });

  test('a large record is shown from its beginning, and as a whole on request', async () => {
    const stream = await newStream('large');
    const seq = await put(stream, 'x'.repeat(1_000_000));
    const path = `record?stream=${stream}&shard=shardId-000000000000&seq=${seq}`;
    const shown = async (query: string) => {
      const { content } = await console.get(path + query);
      return (content['parts'] as { content: { text: string; length: number } }[])[0]?.content;
    };
    const beginning = await shown('');
    assert.equal(beginning?.text.length, 64 * 1024);
    assert.equal(beginning.length, 1_000_000);
    assert.equal((await shown('&whole'))?.text.length, 1_000_000);
  });

  test('a polling reader is shown with its lag, and a look at the records moves nothing', async () => {
    const stream = await newStream('polled');
    await putMany(stream, 0, 10);
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: stream,
        ShardId: 'shardId-000000000000',
        ShardIteratorType: 'TRIM_HORIZON',
      }),
    );
    await kinesis.send(new GetRecordsCommand({ ShardIterator, Limit: 4 }));
    await using events = await console.events();
    await events.subscribe('tail', { topic: 'records', stream, from: 'oldest', follow: true });
    await until(() => events.rows('tail').length === 10);
    await events.subscribe('readers', { topic: 'readers', stream });
    const readers = await events.first(
      'readers',
      ({ readers: all }) => all as Record<string, unknown>[] | undefined,
    );
    assert.equal(readers.length, 1, 'the console is none');
    const [reader] = readers;
    assert.equal(reader?.['caller'], 'test');
    assert.equal(reader['behindRecords'], 6);
    assert.equal(reader['records'], 4);
    assert.ok(Number(reader['ageMs']) > 0);
    assert.match(String(reader['userAgent']), /^aws-sdk-js/);
  });

  test('the shards of a stream are shown with their load and most frequent keys', async () => {
    const stream = await newStream('loaded', 2);
    await using events = await console.events();
    await events.subscribe('a', { topic: 'shards', stream });
    await events.first('a', ({ shards }) => shards !== undefined);
    for (let at = 0; at < 20; at++) await put(stream, 'x', 'hot');
    await putMany(stream, 0, 20);
    const hot = await events.first('a', ({ shards }) =>
      (shards as { topKeys: { key: string; share: number }[]; peakRecordsPerSecond: number }[]).find(
        ({ topKeys }) => topKeys[0]?.key === 'hot',
      ),
    );
    assert.ok((hot.topKeys[0]?.share ?? 0) > 0.3);
    await events.first('a', ({ shards }) =>
      (shards as { peakRecordsPerSecond: number }[]).some((one) => one.peakRecordsPerSecond > 0),
    );
  });

  test('the overview says that all is well, or what is not', async () => {
    await using events = await console.events();
    await events.subscribe('a', { topic: 'overview' });
    const problems = await events.first('a', ({ problems: all }) => all as { title: string; link: string }[]);
    assert.deepEqual(problems, []);
    await console.post('call/monitoring/PutMetricAlarm', {
      AlarmName: 'errors',
      Namespace: 'app',
      MetricName: 'errors',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      // It keeps its state without data.
      TreatMissingData: 'ignore',
    });
    await console.post('call/monitoring/SetAlarmState', {
      AlarmName: 'errors',
      StateValue: 'ALARM',
      StateReason: 'set by a test',
    });
    const found = await events.first(
      'a',
      ({ problems: all }) => (all as { title: string; detail: string }[])[0],
    );
    assert.equal(found.title, 'Alarm errors');
    assert.equal(found.detail, 'set by a test');
  });
});

test('a read-only console changes nothing, and one that is off is not there', async () => {
  await using server = await startTestServer({ console: 'read-only' });
  const console = new ConsoleClient(server.endpoint);
  const created = await console.post('call/kinesis/CreateStream', { StreamName: 'no', ShardCount: 1 });
  assert.equal(created.status, 403);
  assert.equal(created.content['code'], 'ReadOnly');
  assert.equal((await console.post('call/kinesis/ListStreams', {})).status, 200);

  await using other = await startTestServer({ console: 'off' });
  assert.equal((await fetch(`${other.endpoint}/_nagare/console/`)).status, 404);
  const root = await fetch(other.endpoint, { headers: { accept: 'text/html' }, redirect: 'manual' });
  assert.equal(root.status, 200);
});
