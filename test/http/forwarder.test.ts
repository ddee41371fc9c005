import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Forwarder, isForwarded, UnreachableError } from '../../src/http/forwarder.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts';
import { Outgoing } from '../../src/http/outgoing.ts';
import { httpLimits } from '../../src/http/limits.ts';
import { listen } from '../../src/http/server.ts';
import { systemClock } from '../../src/support/clock.ts';
import { type Log, silentLog } from '../../src/support/log.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { clientOptions, startTestServer } from '../support/server.ts';
import { until } from '../support/until.ts';
import { untilStill } from './support.ts';

/** A server that forwards all requests to `url`. */
async function startForwarding(t: TestContext, url: () => string, log: Log = silentLog) {
  const forwarder = new Forwarder({ clock: systemClock });
  const requests: HttpRequest[] = [];
  const handler = async (request: HttpRequest): Promise<HttpResponse> => {
    requests.push(request);
    try {
      return await forwarder.forward(new Outgoing(request), url());
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return { status: 503, headers: { 'x-untouched': String(error.isUntouched) }, body: error.message };
    }
  };
  const timeouts = { shutdownGraceMs: 60_000 };
  const server = await listen({ host: '127.0.0.1', port: 0, handler, log, timeouts });
  const close = async (): Promise<void> => {
    forwarder.close();
    await server.close();
  };
  t.after(close);
  return { endpoint: `http://127.0.0.1:${server.port}`, requests, close };
}

const FULL_SERVER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;

/** A takeover leaves the former owner while requests are still connecting to it; they hung without an end. */
test('requests that are connecting to a server that is left, or that does not answer, fail', async (t) => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  // A server that listens on a port has an address of this form.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = {} as HttpRequest;
  const left = new Forwarder({ clock: systemClock });
  const sent = left.forward(new Outgoing(request), url);
  // The connection exists after a turn, and is not open yet.
  await Promise.resolve().then(() => undefined);
  left.leave(url);
  await assert.rejects(sent, UnreachableError);
  // Its queue is full: further connections are not answered, as by a machine without power.
  const full = spawn(process.execPath, ['--eval', FULL_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => full.kill('SIGKILL'));
  const printed: unknown[] = await once(full.stdout, 'data');
  full.kill('SIGSTOP');
  const port = Number(String(printed[0]));
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  t.after(() => fillers.forEach((socket) => socket.destroy()));
  await until(() => fillers.some(({ connecting }) => !connecting));
  const late = new Forwarder({ clock: systemClock });
  await assert.rejects(late.forward(new Outgoing(request), `http://127.0.0.1:${port}`), UnreachableError);
  for (const forwarder of [left, late]) forwarder.close();
});

/** A machine without power closes no connections. */
test('a server that answers nothing is given up, at its first silence and at a later one', async (t) => {
  const { forwardSilenceMs } = httpLimits;
  Object.assign(httpLimits, { forwardSilenceMs: 1000 });
  t.after(() => void Object.assign(httpLimits, { forwardSilenceMs }));
  const request = { method: 'GET', path: '/', query: '', authority: 'a', headers: {}, httpVersion: '2.0' };
  // What is read of a request without a body.
  const outgoing = (signal: AbortSignal): Outgoing =>
    new Outgoing({
      ...request,
      signal,
      peer: { address: '127.0.0.1' },
      bodyAtHand: () => ({ bytes: Buffer.alloc(0) }),
    } as unknown as HttpRequest);
  let isSilent = false;
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    client.on('data', (bytes) => isSilent || upstream.write(bytes));
    upstream.on('data', (bytes) => isSilent || client.write(bytes));
  });
  const answering = await listen({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    handler: async () => {
      await sleep(2500);
      return { status: 200, headers: {} };
    },
  });
  const { port } = answering;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const forwarder = new Forwarder({ clock: systemClock });
  t.after(async () => {
    forwarder.close();
    server.close();
    await answering.close();
  });
  // A server that listens on a port has an address of this form.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { signal } = new AbortController();
  // It is silent for longer than that, but gives signs of life.
  assert.equal((await forwarder.forward(outgoing(signal), url)).status, 200);
  const later = forwarder.forward(outgoing(signal), url);
  isSilent = true;
  await assert.rejects(later, UnreachableError);
  await assert.rejects(forwarder.forward(outgoing(signal), url), UnreachableError);
});

test('signed requests, uploads, downloads and subscriptions pass through a server that forwards', async (t) => {
  const key = { accessKeyId: 'the-key', secretAccessKey: 'a-secret-of-sixteen' };
  await using owner = await startTestServer({ rootKey: key, allowedHosts: ['127.0.0.1'] });
  const { endpoint } = await startForwarding(t, () => owner.endpoint);
  const options = { ...clientOptions(endpoint), credentials: key };
  const kinesis = new KinesisClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  for (const client of [kinesis, s3]) t.after(() => client.destroy());

  await s3.send(new CreateBucketCommand({ Bucket: 'large' }));

  const Body = randomBytes(20 * 1024 * 1024);
  await s3.send(new PutObjectCommand({ Bucket: 'large', Key: 'object', Body }));

  const answer = await s3.send(new GetObjectCommand({ Bucket: 'large', Key: 'object' }));
  const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
  assert.equal(
    createHash('sha256').update(bytes).digest('hex'),
    createHash('sha256').update(Body).digest('hex'),
  );

  await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
  const { StreamDescriptionSummary } = await kinesis.send(
    new DescribeStreamSummaryCommand({ StreamName: 's' }),
  );
  const StreamARN = StreamDescriptionSummary?.StreamARN;
  const { Consumer } = await kinesis.send(
    new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: 'c' }),
  );

  const subscription = await kinesis.send(
    new SubscribeToShardCommand({
      ConsumerARN: Consumer?.ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'TRIM_HORIZON' },
    }),
  );
  await kinesis.send(
    new PutRecordCommand({ StreamName: 's', PartitionKey: 'a', Data: Buffer.from('pushed') }),
  );
  for await (const event of subscription.EventStream ?? []) {
    const [record] = event.SubscribeToShardEvent?.Records ?? [];
    if (record === undefined) continue;
    assert.equal(Buffer.from(record.Data ?? []).toString(), 'pushed');
    break;
  }

  const wrong = new KinesisClient({ ...options, credentials: { ...key, secretAccessKey: 'wrong' } });
  t.after(() => wrong.destroy());
  await assert.rejects(wrong.send(new DescribeStreamSummaryCommand({ StreamName: 's' })), {
    name: 'InvalidSignatureException',
  });
});

test('tells the other server of the client, and that it was forwarded', async (t) => {
  const seen: HttpRequest['headers'][] = [];
  const forwarded: boolean[] = [];
  const owner = await listen({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    handler(request) {
      seen.push(request.headers);
      forwarded.push(isForwarded(request));
      return Promise.resolve({
        status: 418,
        headers: { 'x-more': 'yes' },
        body: `${request.path}?${request.query}`,
      });
    },
  });
  t.after(() => owner.close());
  const { endpoint, requests } = await startForwarding(t, () => `http://127.0.0.1:${owner.port}`);
  const response = await fetch(`${endpoint}/a%2Fb?c=%20d`, {
    method: 'POST',
    body: 'body',
    headers: { 'x-forwarded-for': '192.0.2.1' },
  });
  assert.deepEqual([response.status, await response.text()], [418, '/a%2Fb?c=%20d']);
  assert.equal(response.headers.get('x-more'), 'yes');
  assert.equal(seen[0]?.['x-forwarded-for'], '192.0.2.1, 127.0.0.1');
  assert.equal(seen[0]?.[':authority'], new URL(endpoint).host);
  assert.equal(seen[0]?.connection, undefined);
  assert.deepEqual([forwarded[0], requests[0] && isForwarded(requests[0])], [true, false]);
});

test('says whether a request that did not get through can be forwarded again', async (t) => {
  const unused = createServer();
  unused.listen(0, '127.0.0.1');
  await once(unused, 'listening');
  const { port } = unused.address() as AddressInfo;
  unused.close();
  let url = `http://127.0.0.1:${port}`;
  const { endpoint } = await startForwarding(t, () => url);
  const refused = await fetch(endpoint);
  assert.deepEqual([refused.status, refused.headers.get('x-untouched')], [503, 'true']);

  const cut = createServer((socket) => socket.once('data', () => setImmediate(() => socket.destroy())));
  cut.listen(0, '127.0.0.1');
  await once(cut, 'listening');
  t.after(() => cut.close());
  url = `http://127.0.0.1:${(cut.address() as AddressInfo).port}`;
  const lost = await fetch(endpoint, { method: 'POST', body: 'x' });
  assert.equal(lost.status, 503);

  await using owner = await startTestServer();
  url = owner.endpoint;
  assert.equal((await fetch(`${endpoint}/health`)).status, 200);
});

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('begun');
  await Promise.reject(new Error('the other server dies'));
}

test('an answer that breaks off with the other server breaks off for the client, and is no error', async (t) => {
  const owner = await listen({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    handler: () => Promise.resolve({ status: 200, headers: {}, body: broken() }),
  });
  t.after(() => owner.close());
  const { log, lines } = recordedLog();
  const { endpoint } = await startForwarding(t, () => `http://127.0.0.1:${owner.port}`, log);
  await assert.rejects(fetch(endpoint).then((response) => response.text()));
  await until(() => lines.length > 0);
  assert.deepEqual(lines, ['debug with a stack: the answer of another server broke off']);
});

test('cancels a request whose client has left', async (t) => {
  let isCancelled = false;
  let hasArrived = false;
  const owner = await listen({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    async handler({ signal }) {
      hasArrived = true;
      await once(signal, 'abort');
      isCancelled = true;
      return { status: 200, headers: {} };
    },
  });
  t.after(() => owner.close());
  const { endpoint } = await startForwarding(t, () => `http://127.0.0.1:${owner.port}`);
  const leaving = new AbortController();
  const answer = fetch(endpoint, { signal: leaving.signal });
  await until(() => hasArrived);
  leaving.abort();
  await assert.rejects(answer, { name: 'AbortError' });
  await until(() => isCancelled);
});

/** Until a number no longer changes. */
const EVENTS = { 'content-type': 'application/vnd.amazon.eventstream' };

/** A standby that forwarded such a subscription took its whole grace period to stop, or held it for a minute. */
test('a client that does not read is cut off when the other server is gone', async (t) => {
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    while (true) {
      asked++;
      yield await Promise.resolve(Buffer.alloc(1024 * 1024));
    }
  }
  const owner = await listen({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    timeouts: { shutdownGraceMs: 0 },
    handler: () => Promise.resolve({ status: 200, headers: EVENTS, body: endless(), endless: true }),
  });
  const { endpoint, close } = await startForwarding(t, () => `http://127.0.0.1:${owner.port}`);
  const { hostname, port } = new URL(endpoint);
  const socket = connect(Number(port), hostname);
  socket.write(`GET / HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
  await once(socket, 'readable');
  const session = connectHttp2(endpoint);
  const stream = session.request({ ':path': '/' }).on('error', () => undefined);
  await once(stream, 'response');
  t.after(() => [socket, session].forEach((client) => client.destroy()));
  // Nobody reads: what is sent stops at what all buffers take.
  await untilStill(() => asked);
  await owner.close();
  await until(() => stream.closed);
  const startMs = performance.now();
  await close();
  assert(performance.now() - startMs < 20_000);
});

test('the last of a subscription is not kept for long when the other server is gone; a whole answer is', async (t) => {
  const body = Buffer.alloc(256 * 1024, 'x');
  async function* chunk(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(body);
  }
  const owner = await listen({
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    handler: ({ path }) =>
      Promise.resolve({ status: 200, headers: path === '/events' ? EVENTS : {}, body: chunk() }),
  });
  const { endpoint } = await startForwarding(t, () => `http://127.0.0.1:${owner.port}`);
  const session = connectHttp2(endpoint);
  t.after(() => session.destroy());
  const answers = ['/events', '/whole'].map((path) =>
    session.request({ ':path': path }).on('error', () => undefined),
  );
  await Promise.all(answers.map((answer) => once(answer, 'response')));
  await owner.close();
  const [cut, whole] = answers;
  assert(cut !== undefined && whole !== undefined);
  await until(() => cut.closed);
  let bytes = 0;
  for await (const chunk of whole as AsyncIterable<Buffer>) bytes += chunk.length;
  assert.equal(bytes, body.length);
});
