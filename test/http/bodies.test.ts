import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type BodySink, collectBody } from '../../src/http/body.ts';
import { BodyMemoryBudget } from '../../src/http/body-memory-budget.ts';
import type { HttpRequest } from '../../src/http/message.ts';
import { releaseBuffer } from '../../src/support/buffer-pool.ts';
import { seededPick } from '../support/random.ts';
import { RawClient, serve } from './support.ts';

const LIMIT = 8 * 1024 * 1024;
const CONNECTIONS = 8;
const REQUESTS = 40;
const SIZES_MAX = [1, 300, 20_000, 70_000, 300_000, 1_500_000];

/** In each of the ways in which a body can be had. */
async function read(request: HttpRequest): Promise<string> {
  switch (request.query) {
    case 'hand': {
      const body = request.bodyAtHand(LIMIT) ?? (await request.body(LIMIT));
      return told(body.bytes);
    }
    case 'late': {
      await new Promise((resolve) => setImmediate(resolve));
      return told((await request.body(LIMIT)).bytes);
    }
    default: {
      const chunks: Buffer[] = [];
      for await (const chunk of request.stream()) {
        chunks.push(chunk as Buffer);
        // Others are read meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return told(Buffer.concat(chunks));
    }
  }
}

/** Its memory is the next one's at once, as on the way of a put. */
function told(body: Buffer): string {
  const answer = `<${body.length} ${hash('md5', body)}>`;
  releaseBuffer(body);
  return answer;
}

function requestOf(pick: (below: number) => number): { bytes: Buffer; answer: string } {
  const body = Buffer.alloc(pick(SIZES_MAX[pick(SIZES_MAX.length)] ?? 1), `${pick(1e6)}.${pick(1e6)};`);
  const way = ['hand', 'late', 'stream'][pick(3)] ?? '';
  const answer = `<${body.length} ${hash('md5', body)}>`;
  const start = `POST /?${way} HTTP/1.1\r\nhost: h\r\n`;
  if (pick(3) > 0) {
    return {
      bytes: Buffer.concat([Buffer.from(`${start}content-length: ${body.length}\r\n\r\n`), body]),
      answer,
    };
  }
  const pieces = [Buffer.from(`${start}transfer-encoding: chunked\r\n\r\n`)];
  for (let at = 0; at < body.length;) {
    const chunk = body.subarray(at, at + 1 + pick(100_000));
    pieces.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
    at += chunk.length;
  }
  return { bytes: Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]), answer };
}

it('gets every body as it was sent: any size, pipelined, split anywhere, many at a time', async () => {
  await using server = await serve(async (request) => ({
    status: 200,
    headers: {},
    body: await read(request),
  }));
  const clients = Array.from({ length: CONNECTIONS }, async (_, connection) => {
    // The same bodies, cut at the same places, each time.
    const pick = seededPick(connection + 1);
    const requests = Array.from({ length: REQUESTS }, () => requestOf(pick));
    const last = Buffer.from('GET /?hand HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n');
    const sent = Buffer.concat([...requests.map(({ bytes }) => bytes), last]);
    const client = await RawClient.connect(server.port);
    for (let at = 0; at < sent.length;) {
      const piece = sent.subarray(at, at + 1 + pick(pick(2) === 0 ? 500 : 400_000));
      if (!client.socket.write(piece)) await new Promise((resolve) => client.socket.once('drain', resolve));
      at += piece.length;
    }
    const got = (await client.ended()).match(/<[^>]+>/g) ?? [];
    assert.deepEqual(
      got.slice(0, -1),
      requests.map(({ answer }) => answer),
    );
  });
  await Promise.all(clients);
});

it('collects small buffers that are adjacent in shared memory', async () => {
  let sink: BodySink | undefined;
  const source = {
    ended: false,
    cut: false,
    read: (reader: BodySink) => void (sink = reader),
    pause() {},
    resume() {},
  };
  const body = collectBody(source, undefined, LIMIT, new BodyMemoryBudget(LIMIT).share());
  for (const letter of 'abc') sink?.data(Buffer.from(letter.repeat(64)));
  sink?.end();
  assert.equal((await body).bytes.toString(), 'a'.repeat(64) + 'b'.repeat(64) + 'c'.repeat(64));
});

/** Outside of the heap, when garbage is gone: some of it goes with the second collection. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().arrayBuffers;
}

it('keeps no reference to the first bytes of a connection', async () => {
  await using server = await serve(async (request) => ({
    status: 200,
    headers: {},
    body: await read(request),
  }));
  const body = Buffer.alloc(50_000, 'a');
  const first = Buffer.concat([
    Buffer.from(`POST /?hand HTTP/1.1\r\nhost: h\r\ncontent-length: ${body.length}\r\n\r\n`),
    body,
  ]);
  const before = heldBytes();
  const clients: RawClient[] = [];
  for (let n = 0; n < 60; n++) {
    const client = await RawClient.connect(server.port);
    client.send(first);
    await client.until(/>$/);
    clients.push(client);
  }
  const keptBytes = heldBytes() - before;
  assert.ok(keptBytes < 1_000_000, `${keptBytes} bytes are kept`);
  for (const { socket } of clients) {
    socket.end();
    await once(socket, 'close');
  }
});
