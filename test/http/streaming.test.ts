import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { describe, it } from 'node:test';
import { gate, RawClient, serve, untilStill } from './support.ts';
import { until } from '../support/until.ts';

const ok = { status: 200, headers: {} };

/** Gives what is asked for, and tells what happens to it. */
class Source implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly returned: Promise<void>;
  asked = 0;
  readonly #next: (asked: number) => Promise<IteratorResult<Uint8Array>>;
  readonly #onReturn: () => void;

  constructor(next: (asked: number) => Promise<IteratorResult<Uint8Array>>) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.returned = promise;
    this.#onReturn = resolve;
    this.#next = next;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return this.#next(++this.asked);
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#onReturn();
    return { done: true, value: undefined };
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}

async function* broken() {
  yield Buffer.from('one');
  throw new Error('oops');
}

describe('streaming responses', () => {
  it('sends each part as it is produced', async () => {
    const second = gate();
    async function* parts() {
      yield Buffer.from('one');
      await second.opened;
      yield Buffer.from('two');
    }
    await using server = await serve(async () => ({ ...ok, body: parts() }));
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await client.until(/one/);
    second.open();
    await client.until(/two\r\n0\r\n\r\n$/);
    client.socket.destroy();
  });

  it('sends the head before the first part is available', async () => {
    const source = new Source(never);
    await using server = await serve(async () => ({ ...ok, body: source }));
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await client.until(/\r\n\r\n/);
    client.socket.destroy();
    await source.returned;
  });

  for (const version of ['HTTP/1.1', 'HTTP/2']) {
    it(`tells the source over ${version} when its client leaves while it waits for more`, async () => {
      const source = new Source((asked) =>
        asked === 1 ? Promise.resolve({ value: Buffer.from('one') }) : never(),
      );
      let signal: AbortSignal | undefined;
      await using server = await serve(async (request) => {
        signal = request.signal;
        return { ...ok, body: source };
      });
      if (version === 'HTTP/2') {
        const session = http2.connect(server.url);
        const stream = session.request({ ':path': '/' });
        await once(stream, 'data');
        session.destroy();
      } else {
        const client = await RawClient.connect(server.port);
        client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
        await client.until(/one/);
        client.socket.destroy();
      }
      await source.returned;
      assert.equal(signal?.aborted, true);
    });

    it(`requests no more from the source over ${version} than the client reads`, async () => {
      const source = new Source(async () => ({ value: Buffer.alloc(100_000) }));
      await using server = await serve(async () => ({ ...ok, body: source }));
      if (version === 'HTTP/2') {
        const session = http2.connect(server.url);
        session.request({ ':path': '/' });
        await untilStill(() => source.asked);
        session.destroy();
      } else {
        const client = await RawClient.connect(server.port);
        client.socket.pause();
        client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
        await untilStill(() => source.asked);
        client.socket.destroy();
      }
      assert.ok(source.asked < 200, `asked ${source.asked} times`);
      await source.returned;
    });
  }

  it('closes the connection when the source fails midway', async () => {
    await using server = await serve(async () => ({ ...ok, body: broken() }));
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    const received = await client.ended();
    assert.ok(!received.endsWith('0\r\n\r\n'), 'a client must see that this was not all');
  });

  it('does not start the source when the client left before the response', async () => {
    const source = new Source(never);
    const answer = gate();
    const arrived = gate();
    await using server = await serve(async (request) => {
      request.signal.addEventListener('abort', answer.open);
      arrived.open();
      await answer.opened;
      return { ...ok, body: source };
    });
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await arrived.opened;
    client.socket.destroy();
    await source.returned;
    assert.equal(source.asked, 0);
  });
});

describe('closing', () => {
  it('lets an open request finish, and closes its connection', async () => {
    const answer = gate();
    const arrived = gate();
    const server = await serve(async () => {
      arrived.open();
      await answer.opened;
      return { ...ok, body: 'done' };
    });
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await arrived.opened;
    const closed = server.close();
    answer.open();
    assert.match(await client.ended(), /connection: close\r\n.*done$/is);
    await closed;
  });

  it('closes idle and new connections', async () => {
    const server = await serve(async () => ok);
    const idle = await RawClient.connect(server.port);
    idle.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await idle.until(/200 OK/);
    const silent = await RawClient.connect(server.port);
    await server.close();
    await Promise.all([idle.ended(), silent.ended()]);
  });

  it('accepts no more connections', async () => {
    const server = await serve(async () => ok);
    await server.close();
    await assert.rejects(RawClient.connect(server.port));
    await server.close();
  });

  it('sends GOAWAY to HTTP/2 and lets open streams finish', async () => {
    const answer = gate();
    const arrived = gate();
    const server = await serve(async () => {
      arrived.open();
      await answer.opened;
      return { ...ok, body: 'done' };
    });
    const session = http2.connect(server.url);
    const stream = session.request({ ':path': '/' });
    stream.setEncoding('utf8');
    let text = '';
    stream.on('data', (chunk: string) => (text += chunk));
    await arrived.opened;
    const goaway = once(session, 'goaway');
    const closed = server.close();
    await goaway;
    answer.open();
    await once(stream, 'close');
    assert.equal(text, 'done');
    await closed;
  });

  it('ends endless responses immediately', async () => {
    for (const path of ['h1', 'h2']) {
      const source = new Source((asked) =>
        asked === 1 ? Promise.resolve({ value: Buffer.from('one') }) : never(),
      );
      const server = await serve(async () => ({ ...ok, body: source, endless: true }));
      if (path === 'h1') {
        const client = await RawClient.connect(server.port);
        client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
        await client.until(/one/);
        await Promise.all([server.close(), client.until(/0\r\n\r\n$/), source.returned]);
      } else {
        const stream = http2.connect(server.url).request({ ':path': '/' });
        await once(stream, 'data');
        const ended = once(stream, 'close');
        await Promise.all([server.close(), ended, source.returned]);
        assert.equal(stream.rstCode, 0);
      }
    }
  });

  /** Such a client keeps its connection open: a server took its whole grace period to stop. */
  it('does not wait for an HTTP/2 client that does not read a response which was sent', async () => {
    const source = new Source((asked) =>
      asked === 1 ? Promise.resolve({ value: Buffer.from('one') }) : never(),
    );
    const shutdownGraceMs = 60_000;
    const server = await serve(async () => ({ ...ok, body: source, endless: true }), {
      timeouts: { shutdownGraceMs },
    });
    const session = http2.connect(server.url);
    const stream = session.request({ ':path': '/' });
    await once(stream, 'response');
    const startMs = performance.now();
    await server.close();
    assert(performance.now() - startMs < shutdownGraceMs / 2);
    session.destroy();
  });

  /** The session does not end while a stream waits for its window: that took the whole grace period, too. */
  it('does not wait for an HTTP/2 client that leaves its flow control window full', async () => {
    const source = new Source((asked) =>
      asked === 1 ? Promise.resolve({ value: Buffer.alloc(4 * 1024 * 1024) }) : never(),
    );
    const shutdownGraceMs = 60_000;
    const server = await serve(async () => ({ ...ok, body: source, endless: true }), {
      timeouts: { shutdownGraceMs },
    });
    const session = http2.connect(server.url);
    session.on('error', () => {});
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => {});
    await once(stream, 'response');
    const startMs = performance.now();
    await server.close();
    assert(performance.now() - startMs < shutdownGraceMs / 2);
    session.destroy();
  });

  it('waits no longer than the grace period, and aborts the remaining requests', async () => {
    const arrived = gate();
    const aborted = gate();
    const server = await serve(
      async (request) => {
        request.signal.addEventListener('abort', aborted.open);
        arrived.open();
        await aborted.opened;
        return ok;
      },
      { timeouts: { shutdownGraceMs: 30 } },
    );
    const client = await RawClient.connect(server.port);
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await arrived.opened;
    await server.close();
    assert.equal(await client.ended(), '');
  });

  it('does not wait for a client that never reads the end of its response', async () => {
    let answered = false;
    const server = await serve(
      async () => {
        answered = true;
        return { ...ok, body: Buffer.alloc(50_000_000) };
      },
      { timeouts: { shutdownGraceMs: 50 } },
    );
    const client = await RawClient.connect(server.port);
    client.socket.pause();
    client.send('GET / HTTP/1.1\r\nhost: h\r\n\r\n');
    await until(() => answered);
    await server.close();
    client.socket.destroy();
  });
});
