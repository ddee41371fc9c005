import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { queryObjects } from 'node:v8';
import { BodyTooLargeError, ClientGoneError, type HttpRequest } from '../../src/http/message.ts';
import { until } from '../support/until.ts';
import { gate, RawClient, serve } from './support.ts';

const ok = { status: 200, headers: {} };

async function echo(request: HttpRequest) {
  const { bytes } = await request.body(1_000_000);
  return {
    ...ok,
    body: `${request.method} ${request.path}?${request.query} ${request.httpVersion} ${bytes.toString()}`,
  };
}

async function overHttp2(port: number, headers: http2.OutgoingHttpHeaders, body = ''): Promise<string> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const stream = session.request(headers);
  stream.setEncoding('utf8');
  stream.end(body);
  let text = '';
  stream.on('data', (chunk: string) => (text += chunk));
  await once(stream, 'close');
  session.close();
  return text;
}

/** What Node's HTTP/2 servers make of each connection. */
async function sessionClass(): Promise<{ readonly ServerHttp2Session: NewableFunction }> {
  const server = http2.createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const made = once(server, 'session') as Promise<[object]>;
  const client = http2.connect(`http://127.0.0.1:${port}`);
  const [session] = await made;
  const { constructor: ServerHttp2Session } = session;
  const closed = once(server, 'close');
  client.close();
  server.close();
  await closed;
  return { ServerHttp2Session };
}

describe('at the maximum number of connections', () => {
  it('an idle HTTP/2 session is closed for a new one, but no active one', async () => {
    const working = gate();
    const asked = gate();
    await using server = await serve(
      async ({ path }) => {
        if (path === '/wait') {
          asked.open();
          await working.opened;
        }
        return { ...ok, body: path };
      },
      { connectionsMax: 2 },
    );
    const busy = http2.connect(server.url);
    const waiting = busy.request({ ':path': '/wait' });
    await asked.opened;
    const idle = http2.connect(server.url);
    const first = idle.request({ ':path': '/' });
    first.resume();
    await once(first, 'close');
    const third = await fetch(server.url);
    assert.equal(await third.text(), '/');
    if (!idle.closed) await once(idle, 'close');
    working.open();
    const [headers] = (await once(waiting, 'response')) as [http2.IncomingHttpHeaders];
    assert.equal(headers[':status'], 200);
    waiting.resume();
    busy.close();
  });
});

describe('one port', () => {
  it('answers HTTP/1.1', async () => {
    await using server = await serve(echo);
    const response = await fetch(`${server.url}/a%20b?c=%20d`, { method: 'POST', body: 'hello' });
    assert.equal(await response.text(), 'POST /a%20b?c=%20d 1.1 hello');
    assert.equal(response.headers.get('content-length'), '28');
  });

  it('answers HTTP/2 with prior knowledge', async () => {
    await using server = await serve(echo);
    assert.equal(
      await overHttp2(server.port, { ':method': 'PUT', ':path': '/x?y' }, 'hello'),
      'PUT /x?y 2.0 hello',
    );
  });

  it('tells the two apart when their first bytes arrive one by one', async () => {
    await using server = await serve(echo);
    for (const request of ['PUT /x HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n', 'P']) {
      const client = await RawClient.connect(server.port);
      for (const byte of request) {
        client.send(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (request === 'P') client.socket.end();
      else assert.match(await client.ended(), /PUT \/x\? 1\.1 $/);
    }
    const client = await RawClient.connect(server.port);
    client.send('PR');
    await new Promise((resolve) => setImmediate(resolve));
    client.send('I * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    client.send(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    await client.until(/\0/);
    client.socket.destroy();
  });

  it('answers pipelined requests in order', async () => {
    await using server = await serve(async (request) => {
      if (request.path === '/1') await new Promise((resolve) => setTimeout(resolve, 20));
      return { ...ok, body: request.path };
    });
    const client = await RawClient.connect(server.port);
    client.send(
      'GET /1 HTTP/1.1\r\nhost: h\r\n\r\nGET /2 HTTP/1.1\r\nhost: h\r\n\r\nGET /3 HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n',
    );
    assert.match(await client.ended(), /\/1.*\/2.*\/3$/s);
  });

  it('keeps a connection for the next request', async () => {
    await using server = await serve(echo);
    const client = await RawClient.connect(server.port);
    client.send('POST /1 HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\nab');
    await client.until(/POST \/1\? 1\.1 ab/);
    client.send('POST /2 HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\n2\r\ncd\r\n0\r\n\r\n');
    await client.until(/POST \/2\? 1\.1 cd/);
    client.socket.destroy();
  });

  for (const [what, bytes, status] of [
    ['no HTTP', 'hello there\r\n\r\n', 400],
    ['a broken header', 'GET / HTTP/1.1\r\nno colon\r\n\r\n', 400],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab', 400],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a broken chunk', 'POST / HTTP/1.1\r\nhost: h\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nhost: h\r\nx: ${'a'.repeat(70_000)}\r\n\r\n`, 431],
    ['TLS where there is none', Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0]), 400],
  ] as const) {
    it(`refuses ${what} with ${status} and continues`, async () => {
      await using server = await serve(echo);
      const client = await RawClient.connect(server.port);
      client.send(bytes);
      assert.match(await client.ended(), new RegExp(`^HTTP/1.1 ${status} `));
      assert.equal((await fetch(server.url)).status, 200);
    });
  }

  it('disconnects a client that sends no HTTP/2 after its preface', async () => {
    await using server = await serve(echo);
    const client = await RawClient.connect(server.port);
    client.send(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${'garbage'.repeat(100)}`);
    await client.ended();
    assert.equal((await fetch(server.url)).status, 200);
  });

  it('answers 500 when a handler throws', async () => {
    await using server = await serve(async () => {
      throw new Error('oops');
    });
    assert.equal((await fetch(server.url)).status, 500);
    const session = http2.connect(server.url);
    const stream = session.request({ ':path': '/' });
    const [headers] = await once(stream, 'response');
    assert.equal(headers[':status'], 500);
    session.destroy();
  });

  // A GetObject with a response-content-type that no header can have left the object's file open, each time.
  it('discards a body whose head cannot be written', async () => {
    let released = 0;
    await using server = await serve(async () => ({
      status: 200,
      headers: { 'content-type': 'a\nb' },
      body: {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false, value: Buffer.from('x') }),
          return() {
            released++;
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      },
    }));
    assert.equal((await fetch(server.url)).status, 500);
    assert.equal(released, 1);
    const session = http2.connect(server.url);
    const [headers] = await once(session.request({ ':path': '/' }), 'response');
    assert.equal(headers[':status'], 500);
    assert.equal(released, 2);
    session.destroy();
  });

  it('sends no body for HEAD, but its length', async () => {
    await using server = await serve(async () => ({ ...ok, headers: { 'Content-Length': '77' } }));
    const response = await fetch(server.url, { method: 'HEAD' });
    assert.equal(response.headers.get('content-length'), '77');
  });
});

describe('deadlines', () => {
  it('closes an idle new connection', async () => {
    await using server = await serve(echo, { timeouts: { headersMs: 50 } });
    const client = await RawClient.connect(server.port);
    assert.equal(await client.ended(), '');
  });

  it('answers 408 when the headers take too long', async () => {
    // Long enough for some of them to arrive on a busy machine.
    await using server = await serve(echo, { timeouts: { headersMs: 500 } });
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\n');
    assert.match(await client.ended(), /^HTTP\/1\.1 408 /);
  });

  it('ends a request whose body takes too long', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    await using server = await serve(
      async (request) => {
        await request.body(100).catch(resolve);
        return ok;
      },
      { timeouts: { headersMs: 500, requestMs: 600 } },
    );
    const client = await RawClient.connect(server.port);
    client.send('POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 10\r\n\r\nabc');
    await client.ended();
    assert.ok((await promise) instanceof ClientGoneError);
  });

  it('ends an HTTP/2 request whose body takes too long', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    await using server = await serve(
      async (request) => {
        await request.body(100).catch(resolve);
        return ok;
      },
      { timeouts: { requestMs: 300 } },
    );
    const session = http2.connect(server.url);
    const stream = session.request({ ':method': 'POST' });
    stream.on('error', () => {});
    stream.write('abc');
    assert.ok((await promise) instanceof ClientGoneError);
    session.destroy();
  });

  it('closes an unused keep-alive connection', async () => {
    await using server = await serve(echo, { timeouts: { keepAliveMs: 50 } });
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    assert.match(await client.ended(), /200 OK/);
  });

  it('closes an unused HTTP/2 session, but none with an open stream', async () => {
    const working = gate();
    await using server = await serve(
      async ({ path }) => {
        if (path === '/wait') await working.opened;
        return { ...ok, body: path };
      },
      { timeouts: { keepAliveMs: 500 } },
    );
    const busy = http2.connect(server.url);
    const waiting = busy.request({ ':path': '/wait' });
    const idle = http2.connect(server.url);
    const done = idle.request({ ':path': '/' });
    done.resume();
    await once(idle, 'close');
    assert(!busy.closed);
    working.open();
    const [headers] = (await once(waiting, 'response')) as [http2.IncomingHttpHeaders];
    assert.equal(headers[':status'], 200);
    waiting.resume();
    await once(busy, 'close');
  });

  it('keeps nothing of HTTP/2 sessions that clients have closed', async () => {
    // Each was in memory until its timer for idle sessions fired, 75 seconds later: with the AWS SDK for JavaScript,
    // which opens a session for each call to Kinesis, tens of thousands under load.
    await using server = await serve(echo);
    for (let n = 0; n < 50; n++) await overHttp2(server.port, { ':method': 'POST', ':path': `/${n}` });
    const { ServerHttp2Session } = await sessionClass();
    // Collects garbage first.
    await until(() => Promise.resolve(queryObjects(ServerHttp2Session, { format: 'count' }) === 0));
  });

  it('disconnects a client that does not read its response', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        resolve();
      }
    }
    await using server = await serve(async () => ({ ...ok, body: endless() }), { timeouts: { writeMs: 50 } });
    const client = await RawClient.connect(server.port);
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await promise;
    client.socket.destroy();
  });
});

async function limited(request: HttpRequest) {
  try {
    return { ...ok, body: (await request.body(10)).bytes.toString() };
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw error;
    return { status: 413, headers: {}, body: 'too large' };
  }
}

describe('request bodies', () => {
  it('refuses a declared length over the limit while the client is still sending, and the client gets the response', async () => {
    await using server = await serve(limited);
    const client = await RawClient.connect(server.port);
    client.send('POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 1000000\r\n\r\n');
    client.send('a'.repeat(500_000));
    await client.until(/413 .*too large$/s);
    client.send('a'.repeat(500_000));
    assert.match(await client.ended(), /connection: close/);
  });

  it('refuses more bytes than the limit in chunks', async () => {
    await using server = await serve(limited);
    const response = await fetch(server.url, {
      method: 'POST',
      body: new Blob(['a'.repeat(300_000)]).stream(),
      duplex: 'half',
    });
    assert.equal(response.status, 413);
  });

  it('refuses over HTTP/2 as well', async () => {
    await using server = await serve(limited);
    assert.equal(await overHttp2(server.port, { ':method': 'POST' }, 'a'.repeat(100_000)), 'too large');
    assert.equal(await overHttp2(server.port, { ':method': 'POST' }, 'a'.repeat(10)), 'aaaaaaaaaa');
  });

  it('sends 100 Continue only when the body is wanted', async () => {
    await using server = await serve(limited);
    const wanted = await RawClient.connect(server.port);
    wanted.send('POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n');
    await wanted.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    wanted.send('ab');
    await wanted.until(/ab$/);
    wanted.socket.destroy();
    const refused = await RawClient.connect(server.port);
    refused.send('POST / HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 11\r\n\r\n');
    await refused.until(/^HTTP\/1\.1 413 /);
    refused.socket.destroy();
  });

  for (const way of ['body', 'stream'] as const) {
    it(`reports that the client has left when an upload is aborted (${way})`, async () => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      const arrived = gate();
      await using server = await serve(async (request) => {
        arrived.open();
        try {
          if (way === 'body') await request.body(1000);
          else for await (const _ of request.stream());
        } catch (error) {
          resolve(error);
        }
        return ok;
      });
      const client = await RawClient.connect(server.port);
      client.send('POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\nabc');
      await arrived.opened;
      client.socket.destroy();
      assert.ok((await promise) instanceof ClientGoneError);
    });
  }

  it('answers although the handler stops reading the body midway', async () => {
    await using server = await serve(async (request) => {
      for await (const chunk of request.stream())
        return { ...ok, body: `saw ${(chunk as Buffer).length > 0}` };
      return ok;
    });
    const response = await fetch(server.url, { method: 'POST', body: 'a'.repeat(5_000_000) });
    assert.equal(await response.text(), 'saw true');
    assert.equal(await overHttp2(server.port, { ':method': 'POST' }, 'a'.repeat(5_000_000)), 'saw true');
  });

  it('reads a body as it arrives, no faster than it is consumed', async () => {
    let taken = 0;
    const hold = gate();
    const arrived = gate();
    await using server = await serve(async (request) => {
      for await (const chunk of request.stream()) {
        taken += (chunk as Buffer).length;
        arrived.open();
        await hold.opened;
      }
      return { ...ok, body: String(taken) };
    });
    const size = 20_000_000;
    const response = fetch(server.url, { method: 'POST', body: Buffer.alloc(size) });
    await arrived.opened;
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(taken < 1_000_000, `took ${taken}`);
    hold.open();
    assert.equal(await (await response).text(), String(size));
  });
});
