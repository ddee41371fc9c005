import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { HttpClient } from '../../../../../src/services/lambda/runtime/bootstrap/http-client.ts';

/** A server whose answers the test writes, piece by piece. */
async function open(t: TestContext) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new HttpClient(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  t.after(async () => {
    const [socket] = await accepted;
    socket.destroy();
    server.close();
  });
  return { client, accepted };
}

const pause = () => new Promise((resolve) => setImmediate(resolve));

test('reads an answer that arrives in any pieces, and the next one on the same connection', async (t) => {
  const { client, accepted } = await open(t);
  const payload = '{"text":"流れ"}';
  for (const pieceBytes of [1, 7, 10_000]) {
    const answer = client.send('POST', '/path', 'x-name: value\r\n', payload);
    const [socket] = await accepted;
    const [request] = (await once(socket, 'data')) as [Buffer];
    assert.match(
      request.toString(),
      /^POST \/path HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nx-name: value\r\n/,
    );
    assert.match(request.toString(), /content-length: 17\r\n\r\n\{"text":"流れ"\}$/);
    const bytes = Buffer.from(`HTTP/1.1 200 OK\r\nLambda-Id: a: b\r\nContent-Length: 17\r\n\r\n${payload}`);
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      socket.write(bytes.subarray(at, at + pieceBytes));
      await pause();
    }
    const { status, headers, body } = await answer;
    assert.deepEqual([status, headers.get('lambda-id'), body.toString()], [200, 'a: b', payload]);
  }
});

test('reads an answer without a body', async (t) => {
  const { client, accepted } = await open(t);
  const answer = client.send('GET', '/', '', undefined);
  const [socket] = await accepted;
  socket.write('HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n');
  const { status, body } = await answer;
  assert.deepEqual([status, body.length], [202, 0]);
});

test('rejects when the connection ends before the answer', async (t) => {
  const { client, accepted } = await open(t);
  const answer = client.send('GET', '/', '', undefined);
  const [socket] = await accepted;
  socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n123');
  await assert.rejects(answer, { message: 'the Runtime API has closed the connection' });
});
