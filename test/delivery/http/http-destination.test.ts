import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { DeliveryBatch } from '../../../src/delivery/destination.ts';
import { HttpDestination, type HttpDestinationOptions } from '../../../src/delivery/http/http-destination.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { Egress } from '../../../src/support/egress.ts';
import { httpPoster } from '../../../src/support/http-post.ts';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly requestId: string;
  readonly timestamp: number;
  readonly texts: readonly string[];
}

type Respond = (received: Received, response: ServerResponse, attempt: number) => void;

const accept: Respond = ({ requestId }, response) => {
  response.end(JSON.stringify({ requestId, timestamp: 1 }));
};

/** A server on this machine that keeps what it receives. */
async function endpoint(respond: Respond) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
      const { requestId, timestamp, records } = JSON.parse(text.toString());
      const texts = records.map(({ data }: { data: string }) => Buffer.from(data, 'base64').toString());
      const one = { headers: request.headers, requestId, timestamp, texts };
      received.push(one);
      respond(one, response, received.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}/records`, received, close };
}

const trace = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  isSampled: true,
  traceState: 'vendor=1',
};

function batch(texts: readonly string[]): DeliveryBatch {
  return {
    deliveryId: 'd/shardId-000000000000/1-9',
    shardId: 'shardId-000000000000',
    firstSequenceNumber: '1',
    lastSequenceNumber: '9',
    firstArrivalMs: 0,
    trace,
    records: texts.map((text, at) => ({
      data: Buffer.from(text),
      arrivalMs: 0,
      shardId: 'shardId-000000000000',
      sequenceNumber: String(at),
      subSequenceNumber: 0,
      partitionKey: 'k',
    })),
  };
}

interface Attempt extends Partial<HttpDestinationOptions> {
  readonly allowed?: boolean;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Delivers with a clock that moves by a second whenever nothing else is to do, and counts the seconds. */
async function deliver(url: string, texts: readonly string[], attempt: Attempt = {}) {
  const { allowed = true, signal = new AbortController().signal, timeoutMs = 20_000, ...options } = attempt;
  const clock = new ManualClock(1_000_000);
  const egress = new Egress({ allowed: [], ownPort: () => undefined, refuseLoopback: !allowed });
  const poster = httpPoster(egress, { timeoutMs, socketsMax: 2, responseBytesMax: 10_000 });
  const destination = new HttpDestination({
    post: poster.post,
    clock,
    random: () => 0.5,
    url,
    deliveryStreamArn: 'arn:aws:firehose:us-east-1:000000000000:deliverystream/d',
    commonAttributes: {},
    compresses: false,
    retryMs: 0,
    ...options,
  });
  const state = { done: false };
  const delivered = destination.deliver(batch(texts), signal).finally(() => (state.done = true));
  delivered.catch(() => undefined);
  while (!state.done) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1_000);
  }
  poster.close();
  return delivered;
}

suite('an HTTP endpoint', () => {
  test("receives requests in Firehose's form", async (t) => {
    const { url, received, close } = await endpoint(accept);
    t.after(close);
    const commonAttributes = { env: 'prod', team: 'ä' };
    const result = await deliver(url, ['a', 'b'], { accessKey: 'secret', commonAttributes });
    assert.deepEqual([result.delivered, result.refused], [2, []]);
    const [request] = received;
    assert.ok(request);
    assert.equal(request.headers['traceparent'], `00-${trace.traceId}-${trace.spanId}-01`);
    assert.equal(request.headers['tracestate'], 'vendor=1');
    const { headers, requestId, texts } = request;
    assert.deepEqual(texts, ['a', 'b']);
    assert.match(requestId, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.equal(headers['x-amz-firehose-request-id'], requestId);
    assert.equal(headers['x-amz-firehose-protocol-version'], '1.0');
    assert.equal(headers['x-amz-firehose-access-key'], 'secret');
    assert.equal(
      headers['x-amz-firehose-source-arn'],
      'arn:aws:firehose:us-east-1:000000000000:deliverystream/d',
    );
    assert.equal(headers['content-type'], 'application/json');
    const attributes = headers['x-amz-firehose-common-attributes']?.toString() ?? '';
    assert.deepEqual(JSON.parse(attributes), { commonAttributes });
  });

  test('receives gzip if configured', async (t) => {
    const { url, received, close } = await endpoint(accept);
    t.after(close);
    await deliver(url, ['a'], { compresses: true });
    assert.equal(received[0]?.headers['content-encoding'], 'gzip');
    assert.deepEqual(received[0]?.texts, ['a']);
  });

  test('receives the same id for a range in every attempt, and different ids for different ranges', async (t) => {
    const { url, received, close } = await endpoint((one, response, attempt) => {
      if (attempt > 2) return accept(one, response, attempt);
      response.statusCode = 500;
      response.end();
    });
    t.after(close);
    const result = await deliver(url, ['a'], { retryMs: 60_000 });
    assert.equal(result.delivered, 1);
    assert.equal(received.length, 3);
    await deliver(url, ['a']);
    assert.equal(new Set(received.map(({ requestId }) => requestId)).size, 1);
  });

  const wrong: readonly (readonly [string, Respond, string])[] = [
    [
      'another id',
      (_, response) => response.end('{"requestId":"x","timestamp":1}'),
      'InvalidResponseFromDestination',
    ],
    [
      'no time',
      ({ requestId }, response) => response.end(JSON.stringify({ requestId })),
      'InvalidResponseFromDestination',
    ],
    ['no JSON', (_, response) => response.end('ok'), 'InvalidResponseFromDestination'],
    ['a body without end', (_, response) => response.end('x'.repeat(20_000)), 'ResponseTooLarge'],
    ['nothing, and hangs up', (_, response) => response.destroy(), 'ConnectionFailed'],
    [
      'another success',
      ({ requestId }, response) => {
        response.statusCode = 202;
        response.end(JSON.stringify({ requestId, timestamp: 1 }));
      },
      'DestinationException',
    ],
    [
      'a redirect',
      (_, response) => {
        response.writeHead(302, { location: 'http://169.254.169.254/' });
        response.end();
      },
      'DestinationException',
    ],
  ];
  for (const [called, respond, code] of wrong) {
    test(`that responds with ${called} has not accepted the records`, async (t) => {
      const { url, received, close } = await endpoint(respond);
      t.after(close);
      const { delivered, refused } = await deliver(url, ['a', 'b']);
      assert.equal(delivered, 0);
      assert.equal(received.length, 1);
      assert.deepEqual(
        refused.map(({ errorCode, attempts, outputType }) => [errorCode, attempts, outputType]),
        Array.from({ length: 2 }, () => [`HttpEndpoint.${code}`, 1, 'http-endpoint-failed']),
      );
    });
  }

  test('that fails receives retries after 1, 2, 4, ... seconds until the retry duration is over', async (t) => {
    const { url, received, close } = await endpoint((_, response) => {
      response.statusCode = 503;
      response.end('{"errorMessage":"later"}');
    });
    t.after(close);
    const { refused } = await deliver(url, ['a'], { retryMs: 7_500 });
    // At 0, 1, 3 and 7 seconds; 15 would be too late. Waiting for responses takes seconds of this clock as well.
    assert.ok(received.length >= 2 && received.length <= 4, String(received.length));
    assert.equal(refused[0]?.attempts, received.length);
    assert.equal(refused[0]?.errorMessage, 'The endpoint responded with status 503: later');
  });

  test('that responds with 413 receives no retry', async (t) => {
    const { url, received, close } = await endpoint((_, response) => {
      response.statusCode = 413;
      response.end();
    });
    t.after(close);
    const { refused } = await deliver(url, ['a'], { retryMs: 3_600_000 });
    assert.equal(received.length, 1);
    assert.equal(refused.length, 1);
  });

  test('that does not respond in time has failed', async (t) => {
    const { url, close } = await endpoint(() => {});
    t.after(close);
    const { refused } = await deliver(url, ['a'], { timeoutMs: 50 });
    assert.equal(refused[0]?.errorCode, 'HttpEndpoint.RequestTimeout');
  });

  test('is not called on addresses that egress rules forbid', async (t) => {
    const { url, received, close } = await endpoint(accept);
    t.after(close);
    const { refused } = await deliver(url, ['a'], { allowed: false });
    assert.equal(received.length, 0);
    assert.match(
      refused[0]?.errorMessage ?? '',
      /nagare does not connect to 127\.0\.0\.1: it is this machine/,
    );
  });

  test('that responds while the server stops loses nothing: the attempt fails', async (t) => {
    const stopping = new AbortController();
    const { url, close } = await endpoint(() => stopping.abort());
    t.after(close);
    await assert.rejects(deliver(url, ['a'], { signal: stopping.signal, retryMs: 60_000 }));
  });

  test('receives requests of at most 64 MiB, each with its own id', async (t) => {
    const { url, received, close } = await endpoint(accept);
    t.after(close);
    const { delivered } = await deliver(
      url,
      Array.from({ length: 80 }, () => 'x'.repeat(1024 * 1024)),
    );
    assert.equal(delivered, 80);
    assert.equal(received.length, 2);
    assert.equal(new Set(received.map(({ requestId }) => requestId)).size, 2);
  });
});
