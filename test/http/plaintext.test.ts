import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { isFromThisMachine } from '../../src/http/plaintext.ts';
import { selfSigned } from '../../src/http/self-signed.ts';
import { serve } from './support.ts';

const tls = selfSigned(['127.0.0.1'], Date.now());

const elsewhere = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

async function served() {
  let answered = 0;
  const server = await serve(
    () => {
      answered++;
      return Promise.resolve({ status: 200, headers: {}, body: 'yes' });
    },
    { tls, plaintext: 'this machine' },
  );
  return {
    port: server.port,
    answered: () => answered,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function ask(port: number, localAddress: string, text: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  let received = '';
  socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
  socket.write(text);
  await once(socket, 'close');
  return received;
}

const GET = 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';

test('the machine itself may use plain HTTP, from any of its addresses at both ends', async () => {
  await using server = await served();
  assert.match(await ask(server.port, '127.0.0.1', GET), /^HTTP\/1\.1 200 /);
  const other = { remoteAddress: '192.0.2.7', localAddress: '192.0.2.1' };
  assert.equal(isFromThisMachine(other), false);
  assert.equal(isFromThisMachine({ ...other, remoteAddress: '192.0.2.1' }), true);
  assert.equal(isFromThisMachine({ ...other, remoteAddress: '::ffff:127.0.0.1' }), true);
  assert.equal(isFromThisMachine({ ...other, remoteAddress: '::ffff:192.0.2.7' }), false);
  // The client has left already.
  assert.equal(isFromThisMachine({ remoteAddress: undefined, localAddress: '192.0.2.1' }), false);
});

// An address of the machine's network is like another machine's to a server that it reaches on loopback.
test(
  'plain HTTP from elsewhere is refused with the reason, and nothing is read',
  {
    skip: elsewhere === undefined && 'this machine has no network',
  },
  async () => {
    await using server = await served();
    for (const text of [GET, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']) {
      const response = await ask(server.port, elsewhere ?? '', text);
      assert.match(response, /^HTTP\/1\.1 403 [^]*requests from other machines over TLS only: use https/);
    }
    assert.equal(server.answered(), 0);
  },
);
