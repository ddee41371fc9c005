import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BucketsView, ObjectsView } from '../../src/console/buckets.ts';
import type { ObjectView } from '../../src/console/objects.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { API, ConsoleClient, type EventClient } from './client.ts';

function nameOf(key: string): string {
  return new URLSearchParams({ bucket: 'lake', key }).toString();
}

describe('the objects in the console', () => {
  let server: TestServer;
  let s3: S3Client;
  let console: ConsoleClient;
  let events: EventClient;

  before(async () => {
    server = await startTestServer();
    s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
    console = new ConsoleClient(server.endpoint);
    events = await console.events();
    await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  });
  after(async () => {
    await events[Symbol.asyncDispose]();
    s3.destroy();
    await server.close();
  });

  async function put(Key: string, Body: string | Buffer, more: object = {}): Promise<void> {
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body, ...more }));
  }

  async function view(key: string, part = 'head'): Promise<ObjectView> {
    const { status, content } = await console.get(`object/${part}?${nameOf(key)}`);
    assert.equal(status, 200, JSON.stringify(content));
    // What the endpoint returns.
    return content as unknown as ObjectView;
  }

  async function listed(sub: string, request: object): Promise<ObjectsView> {
    await events.subscribe(sub, { topic: 'objects', bucket: 'lake', ...request });
    return await events.firstWith<ObjectsView>(sub, 'isDenied');
  }

  test('a large prefix is listed in pages, one level at a time, and a new object appears by itself', async () => {
    await Promise.all(Array.from({ length: 130 }, (_, at) => put(`many/${1000 + at}.txt`, 'x')));
    await put('many/deeper/1.txt', 'x');
    const first = await listed('first', { prefix: 'many/' });
    assert.deepEqual([first.objects.length, first.objects[0]?.key], [100, 'many/1000.txt']);
    const second = await listed('second', { prefix: 'many/', token: first.next });
    assert.equal(second.objects.length, 30);
    assert.deepEqual(second.prefixes, ['many/deeper/']);
    assert.equal(second.next, undefined);
    await put('many/zebra.txt', 'x');
    await events.first('second', ({ objects }) => (objects as unknown[]).length === 31);
  });

  test('an object is shown with its metadata, its beginning and its end', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at} é`).join('\n');
    await put('log.txt', lines, { ContentType: 'text/plain', Metadata: { owner: 'ada' } });
    const head = await view('log.txt');
    const { facts, text, format, sizeBytes, shownBytes } = head;
    assert.deepEqual([format, sizeBytes, shownBytes], ['text', Buffer.byteLength(lines), 64 * 1024]);
    assert.ok(lines.startsWith(text) && text.length > 60_000, 'not even the last character is cut in two');
    assert.deepEqual(
      facts.filter(([name]) => name === 'Content type' || name.startsWith('x-')),
      [
        ['Content type', 'text/plain'],
        ['x-amz-meta-owner', 'ada'],
      ],
    );
    const tail = await view('log.txt', 'tail');
    assert.equal(tail.sizeBytes, head.sizeBytes);
    assert.match(tail.text, /^line \d+ é\n[^]*line 19999 é$/);
  });

  test('what it is is told as for records; long compressed objects are read from their beginning', async () => {
    await put('whole.json.gz', gzipSync('{"id":18446744073709551617}'));
    const whole = await view('whole.json.gz');
    assert.deepEqual([whole.chain, whole.format], [['gzip'], 'json']);
    assert.match(whole.text, /"id": 18446744073709551617/);
    const noise = Array.from({ length: 60_000 }, (_, at) => `${at} ${Math.sin(at)}`).join('\n');
    await put('long.gz', gzipSync(noise));
    const long = await view('long.gz');
    assert.deepEqual([long.chain, long.format], [['gzip'], 'text']);
    assert.ok(noise.startsWith(long.text) && long.text.length > 10_000);
    await put('picture.bin', Buffer.from([0x89, 0x50, 0xff, 0x00, 0x01]));
    assert.match((await view('picture.bin')).text, /^00000000 {2}89 50 ff 00 01/);
    await put('empty', '');
    for (const part of ['head', 'tail']) {
      const { text, sizeBytes } = await view('empty', part);
      assert.deepEqual([text, sizeBytes], ['', 0]);
    }
  });

  test('a download is a file to keep, whatever type the object claims to be', async () => {
    const page = '<script>alert(1)</script>';
    await put('site/ä "b".html', page, { ContentType: 'text/html' });
    const response = await fetch(`${server.endpoint}${API}object/content?${nameOf('site/ä "b".html')}`);
    assert.equal(await response.text(), page);
    const { headers } = response;
    assert.equal(headers.get('content-type'), 'application/octet-stream');
    assert.equal(headers.get('content-disposition'), "attachment; filename*=UTF-8''%C3%A4%20%22b%22.html");
    assert.match(headers.get('content-security-policy') ?? '', /^sandbox/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    const foreign = await fetch(`${server.endpoint}${API}object/content?${nameOf('site/ä "b".html')}`, {
      headers: { 'sec-fetch-site': 'cross-site' },
    });
    assert.equal(foreign.status, 403);
  });

  test('an object that is not there is refused in the words of S3', async () => {
    const { status, content } = await console.get(`object/head?${nameOf('nothing')}`);
    assert.equal(status, 404);
    assert.equal(content['__type'], 'NoSuchKey');
    assert.equal((await console.get('object/head?bucket=lake')).status, 400);
    assert.equal((await console.get(`object/other?${nameOf('log.txt')}`)).status, 404);
  });
});

test('objects in another S3 are listed and shown, to those who may see them', async () => {
  await using store = await startTestServer();
  const s3 = new S3Client({ ...clientOptions(store.endpoint), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  for (const Key of ['a/1.json', 'a/2.json', 'top.txt']) {
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key, Body: '{"id":18446744073709551617}' }));
  }
  s3.destroy();
  const key = { accessKeyId: 'test', secretAccessKey: 'test' };
  const objectStore = { endpoint: store.endpoint, region: 'us-east-1', key };
  await using server = await startTestServer({ objectStore });
  const console = new ConsoleClient(server.endpoint);
  await using events = await console.events();
  await events.subscribe('buckets', { topic: 'buckets', prefix: '' });
  const { buckets, elsewhere } = await events.firstWith<BucketsView>('buckets', 'buckets');
  assert.deepEqual(
    buckets.map(({ name }) => name),
    ['lake'],
  );
  assert.equal(elsewhere?.endpoint, store.endpoint);
  await events.subscribe('objects', { topic: 'objects', bucket: 'lake', prefix: '' });
  const { prefixes, objects } = await events.firstWith<ObjectsView>('objects', 'objects');
  assert.deepEqual([prefixes, objects.map((object) => object.key)], [['a/'], ['top.txt']]);
  for (const part of ['head', 'tail']) {
    const { status, content } = await console.get(`object/${part}?bucket=lake&key=a%2F1.json`);
    assert.equal(status, 200);
    assert.match(String(content['text']), /18446744073709551617/);
  }
  const missing = await console.get('object/head?bucket=lake&key=none');
  assert.deepEqual([missing.status, missing.content['code']], [502, 'Elsewhere']);
  await events.subscribe('none', { topic: 'objects', bucket: 'none', prefix: '' });
  const none = await events.firstWith<ObjectsView>('none', 'objects');
  assert.match(none.elsewhere?.problem ?? '', /bucket does not exist/);
});
