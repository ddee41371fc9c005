import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import http2 from 'node:http2';
import { connect, type ConnectionOptions } from 'node:tls';
import { test } from 'node:test';
import { type Certificate, selfSigned } from '../../src/http/self-signed.ts';
import { selfSignedCertificate } from '../../src/support/x509.ts';
import { serve } from './support.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A certificate of a person, which is its own authority. */
function ofClient(commonName: string, notAfterMs = Date.now() + DAY_MS): Certificate {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const notBeforeMs = Date.now() - 2 * DAY_MS;
  const cert = selfSignedCertificate({ privateKey, commonName, notBeforeMs, notAfterMs });
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

const own = selfSigned(['localhost', '127.0.0.1'], Date.now());
const ann = ofClient('ann');

/** Node's codes for the alert, which differ between the versions of TLS, and for a connection that was cut. */
const REFUSED = /^(ERR_SSL\w*|EPROTO|ECONNRESET|closed)$/;

async function open() {
  const state = { answered: 0 };
  const server = await serve(
    () => {
      state.answered++;
      return Promise.resolve({ status: 200, headers: {}, body: 'yes' });
    },
    { tls: { ...own, clientCa: ann.cert } },
  );
  return {
    server,
    state,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The status line, or how the server refused, which with TLS 1.3 comes after the handshake. */
async function ask(options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', ca: own.cert, ...options });
  const result = Promise.withResolvers<string>();
  socket.on('data', (bytes: Buffer) => {
    const [line = ''] = bytes.toString('latin1').split('\r\n', 1);
    result.resolve(socket.isSessionReused() ? `resumed: ${line}` : line);
  });
  socket.on('error', (error) => result.resolve('code' in error ? String(error.code) : error.message));
  socket.on('close', () => result.resolve('closed'));
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const told = await result.promise;
  socket.destroy();
  return told;
}

test('with authorities for clients, a connection without a certificate of theirs is refused', async () => {
  await using scene = await open();
  const { port } = scene.server;
  assert.equal(await ask({ port, ...ann }), 'HTTP/1.1 200 OK');
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    assert.match(await ask({ port, maxVersion }), REFUSED);
    assert.match(await ask({ port, maxVersion, ...ofClient('ann') }), REFUSED);
    const expired = ofClient('bob', Date.now() - DAY_MS);
    assert.match(await ask({ port, maxVersion, ...expired }), REFUSED);
    assert.match(await ask({ port, maxVersion, ALPNProtocols: ['h2'] }), REFUSED);
  }
  assert.equal(scene.state.answered, 1);
  const session = http2.connect(`https://127.0.0.1:${port}`, { ca: own.cert, ...ann });
  const [headers] = await once(session.request({ ':path': '/' }), 'response');
  assert.equal((headers as http2.IncomingHttpHeaders)[':status'], 200);
  session.destroy();
});

test('authorities that were replaced are not trusted any more, also by sessions that clients resume', async () => {
  await using scene = await open();
  const { port } = scene.server;
  const socket = connect({ host: '127.0.0.1', port, ca: own.cert, ...ann });
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  socket.resume();
  const [session] = (await once(socket, 'session')) as [Buffer];
  assert.equal(await ask({ port, session, ...ann }), 'resumed: HTTP/1.1 200 OK');
  const bob = ofClient('bob');
  scene.server.renewCertificate({ ...own, clientCa: bob.cert });
  assert.match(await ask({ port, session, ...ann }), REFUSED);
  assert.match(await ask({ port, ...ann }), REFUSED);
  assert.equal(await ask({ port, ...bob }), 'HTTP/1.1 200 OK');
  socket.destroy();
});
