import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../../src/http/message.ts';
import { gate, RawClient, serve } from '../support.ts';

const ok = { status: 200, headers: {} };
const GET = 'GET / HTTP/1.1\r\nhost: h\r\n\r\n';

async function echo(request: HttpRequest): Promise<HttpResponse> {
  return { ...ok, body: `${request.path} ${(await request.body(1000)).bytes.toString()}` };
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('an HTTP/1 connection', () => {
  it('answers a client that has closed its side', async () => {
    const asked = gate();
    await using server = await serve(async (request) => {
      await request.body(1000);
      asked.open();
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      return { ...ok, body: 'late' };
    });
    const client = await RawClient.connect(server.port);
    client.socket.end(GET);
    await asked.opened;
    assert.match(await client.ended(), /connection: close\r\n\r\nlate$/i);
  });

  it('sends a response of known length to a client that has closed its side', async () => {
    await using server = await serve(async (request) => {
      await new Promise((resolve) => request.signal.addEventListener('abort', resolve));
      return { status: 200, headers: { 'Content-Length': '6' }, body: pieces('one', 'two') };
    });
    const client = await RawClient.connect(server.port);
    client.socket.end(GET);
    assert.match(await client.ended(), /\r\n\r\nonetwo$/);
  });

  it('reports what is wrong with a request that ends within its head', async () => {
    await using server = await serve(echo);
    const client = await RawClient.connect(server.port);
    client.socket.end('GET / HTTP/1.1\r\nhost');
    assert.match(await client.ended(), /^HTTP\/1\.1 400 [^]*the request ended within its header fields\n$/);
  });

  it('reads a head byte by byte, even when its end is split', async () => {
    await using server = await serve(echo);
    const client = await RawClient.connect(server.port);
    for (const character of `\r\n${GET}${GET}`) {
      client.send(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await client.until(/200 OK[^]*200 OK/);
    client.socket.destroy();
    const wrong = await RawClient.connect(server.port);
    for (const character of 'GET / HTTP/1.1\nhost: h') {
      wrong.send(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.match(await wrong.ended(), /^HTTP\/1\.1 400 /);
  });

  it('does not wait for the end of what cannot be a request', async () => {
    await using server = await serve(echo);
    for (const bytes of ['\x01\x02', 'GET / HTTP/1.1\nhost: h\n\n']) {
      const client = await RawClient.connect(server.port);
      client.send(bytes);
      assert.match(await client.ended(), /^HTTP\/1\.1 400 /);
    }
  });

  it('separates bodies of pipelined requests, however they are split', async () => {
    await using server = await serve(echo);
    const sent =
      'POST /1 HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabc\r\n' +
      'POST /2 HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n' +
      'POST /3 HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n' +
      'POST /4 HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\nconnection: close\r\n\r\nfg';
    for (const size of [1, 7, 50, sent.length]) {
      const client = await RawClient.connect(server.port);
      for (let at = 0; at < sent.length; at += size) {
        client.send(sent.slice(at, at + size));
        if (size < 20) await new Promise((resolve) => setImmediate(resolve));
      }
      assert.match(await client.ended(), /\/1 abc[^]*\/2 de[^]*\/3 HTTP[^]*\/4 fg$/);
    }
  });

  it('pauses a client that pipelines while the server is busy', async () => {
    const answer = gate();
    await using server = await serve(async () => {
      await answer.opened;
      return ok;
    });
    const client = await RawClient.connect(server.port);
    client.send(GET);
    const flood = Buffer.alloc(50_000_000, 'x');
    const taken = await new Promise<boolean>((resolve) => {
      client.socket.write(flood, () => resolve(true));
      setTimeout(() => resolve(false), 300);
    });
    assert.equal(taken, false);
    client.socket.destroy();
    answer.open();
  });

  it('supports HTTP/1.0: closes the connection, or keeps it when requested', async () => {
    await using server = await serve(async () => ({ ...ok, body: pieces('one', 'two') }));
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.0\r\n\r\n');
    assert.match(await client.ended(), /connection: close\r\n\r\nonetwo$/i);
    await using other = await serve(echo);
    const kept = await RawClient.connect(other.port);
    for (const path of ['/1', '/2']) {
      kept.send(`GET ${path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
      await kept.until(new RegExp(`Connection: keep-alive[^]*${path} $`));
    }
    kept.socket.destroy();
  });

  for (const [what, length, texts] of [
    ['fewer', '10', ['abc']],
    ['more', '2', ['abc']],
  ] as const) {
    it(`closes the connection when a body has ${what} bytes than declared`, async () => {
      await using server = await serve(async () => ({
        status: 200,
        headers: { 'Content-Length': length },
        body: pieces(...texts),
      }));
      const client = await RawClient.connect(server.port);
      client.send(GET + GET);
      assert.equal((await client.ended()).match(/HTTP\/1\.1 /g)?.length, 1);
    });
  }

  it('answers 500 rather than let a value end a header', async () => {
    await using server = await serve(async () => ({ status: 200, headers: { a: 'b\r\nset-cookie: c' } }));
    const response = await fetch(server.url);
    assert.equal(response.status, 500);
    assert.equal(response.headers.get('set-cookie'), null);
  });

  it('sends non-ASCII text, and no body where none is allowed', async () => {
    await using server = await serve(async ({ path }) => ({
      status: path === '/204' ? 204 : 200,
      headers: { 'x-latin': 'caf\xe9' },
      body: 'h\u00e9 \u6d41\u308c',
    }));
    const response = await fetch(server.url);
    assert.equal(await response.text(), 'h\u00e9 \u6d41\u308c');
    const client = await RawClient.connect(server.port);
    client.send(
      'HEAD / HTTP/1.1\r\nhost: h\r\n\r\nGET /204 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n',
    );
    const [, first, second, none] = (await client.ended()).split('HTTP/1.1 ');
    assert.match(first ?? '', /^200 OK\r\nx-latin: caf\xe9\r\nContent-Length: 10\r\n[^]*\r\n\r\n$/);
    assert.match(second ?? '', /^204 No Content\r\n[^]*\r\n\r\n$/);
    assert.doesNotMatch(second ?? '', /content-length/i);
    assert.equal(none, undefined);
  });

  it('waits only briefly for a client to close its side after the last response', async () => {
    await using server = await serve(echo);
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.resume();
    socket.write('GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n');
    await once(socket, 'end');
    // Who goes on sending learns from a write that the connection is gone.
    while (!socket.closed) {
      socket.write('x');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });

  it('disconnects a client that never reads the end of its response', async () => {
    await using server = await serve(async () => ({ ...ok, body: Buffer.alloc(50_000_000) }), {
      timeouts: { writeMs: 50 },
    });
    const client = await RawClient.connect(server.port);
    client.socket.pause();
    client.send(GET);
    // Who reads nothing learns from a write that the connection is gone.
    while (!client.socket.closed) {
      client.send('x');
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(client.received, '');
  });
});
