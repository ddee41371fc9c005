import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { reservePort } from './ports.ts';

test('reserved ports are free, and given to nobody else', async (t) => {
  const reserved = await Promise.all(Array.from({ length: 200 }, reservePort));
  t.after(() => reserved.forEach((one) => one.release()));
  assert.equal(new Set(reserved.map(({ port }) => port)).size, 200);
  for (const { port } of reserved.slice(0, 10)) {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    server.close();
  }
});
