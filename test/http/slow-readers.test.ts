import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { describe, it } from 'node:test';
import type { HttpHandler } from '../../src/http/message.ts';
import { RawClient, serve } from './support.ts';

const MIB = 1024 * 1024;
/** More than the system takes for a client that does not read. */
const LARGE = 16 * MIB;
const GET = 'GET / HTTP/1.1\r\nhost: h\r\n\r\n';

/** As the protocols do it. */
const large: HttpHandler = async (request) => {
  const admitted = request.responseMemory.admit(LARGE);
  return admitted
    ? { status: 200, headers: {}, body: Buffer.alloc(LARGE, 'x') }
    : { status: 503, headers: {}, body: 'no room' };
};

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(MIB);
}

describe('clients that do not read their responses', () => {
  it('take no more memory than the budget, and are cut off for others when they stall', async () => {
    const responseBounds = { bytesMax: 2 * LARGE, hardBytesMax: 2 * LARGE, stallMs: 2_000 };
    await using server = await serve(large, { responseBounds });
    const slow: RawClient[] = [];
    for (let count = 0; count < 2; count++) {
      const client = await RawClient.connect(server.port);
      client.send(GET);
      await client.until(/ 200 OK/);
      client.socket.pause();
      slow.push(client);
    }
    const refused = await fetch(server.url);
    assert.equal(refused.status, 503);
    // It stays refused until one of them has taken nothing for long enough, and has been cut off.
    let answer = refused;
    do answer = await fetch(server.url);
    while (answer.status === 503);
    assert.equal((await answer.arrayBuffer()).byteLength, LARGE);
    const [first] = slow;
    first?.socket.resume();
    assert.ok(((await first?.ended()) ?? '').length < LARGE);
    for (const client of slow) client.socket.destroy();
  });

  it('are cut off after a time without progress, over HTTP/1.1', async () => {
    // Long enough that a client who reads makes progress in it, however busy the machine is.
    const writeMs = 1_000;
    await using server = await serve(large, { timeouts: { writeMs } });
    const client = await RawClient.connect(server.port);
    client.send(GET);
    await client.until(/ 200 OK/);
    client.socket.pause();
    const all = await fetch(server.url);
    assert.equal((await all.arrayBuffer()).byteLength, LARGE);
    await new Promise((resolve) => setTimeout(resolve, 2 * writeMs));
    client.socket.resume();
    assert.ok((await client.ended()).length < LARGE);
  });

  it('are not cut off while they read a little now and then, however long it takes', async () => {
    const writeMs = 1_000;
    await using server = await serve(large, { timeouts: { writeMs } });
    const client = await RawClient.connect(server.port);
    const startedMs = performance.now();
    client.send(GET);
    while (client.received.length < LARGE) {
      client.socket.resume();
      await once(client.socket, 'data');
      client.socket.pause();
      // Slow enough that the whole takes several times what may pass without any progress.
      await new Promise((resolve) => setTimeout(resolve, 10));
      assert.ok(!client.socket.closed, `cut off after ${client.received.length} bytes`);
    }
    assert.ok(performance.now() - startedMs > writeMs);
    client.socket.destroy();
  });

  for (const [what, handler] of [
    ['whole', large],
    ['piece by piece', async () => ({ status: 200, headers: {}, body: endless() })],
  ] as const) {
    it(`are cut off over HTTP/2, whose response is sent ${what}`, async () => {
      await using server = await serve(handler, { timeouts: { writeMs: 100 } });
      const session = http2.connect(server.url);
      const stream = session.request({ ':path': '/' });
      stream.on('error', () => {});
      await once(stream, 'response');
      stream.pause();
      await once(stream, 'close');
      // The session goes on: another stream of it is answered.
      const next = session.request({ ':path': '/' });
      const [headers] = (await once(next, 'response')) as [http2.IncomingHttpHeaders];
      assert.equal(headers[':status'], 200);
      next.close();
      session.destroy();
    });
  }

  it('lose their HTTP/2 session when its connection stalls', async () => {
    await using server = await serve(large, { timeouts: { writeMs: 100 } });
    const client = await RawClient.connect(server.port);
    const widest = Buffer.from('7fff0000', 'hex');
    client.send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    client.send(frame(SETTINGS, 0, 0, Buffer.concat([Buffer.from('0004', 'hex'), widest])));
    client.send(frame(WINDOW_UPDATE, 0, 0, widest));
    // GET, http, /, and an authority, in HPACK.
    client.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, Buffer.from('828684410168', 'hex')));
    await client.until(/xxxx/);
    client.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    client.socket.resume();
    assert.ok((await client.ended()).length < LARGE);
  });
});

const [SETTINGS, WINDOW_UPDATE, HEADERS] = [4, 8, 1];
const [END_STREAM, END_HEADERS] = [1, 4];

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
