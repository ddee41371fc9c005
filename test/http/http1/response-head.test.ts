import assert from 'node:assert/strict';
import { test } from 'node:test';
import { responseHead } from '../../../src/http/http1/response-head.ts';

function keepAliveOf(keepAliveMs: number | undefined): string | undefined {
  const { text } = responseHead({ status: 200, headers: {}, body: '' }, '1.1', keepAliveMs);
  return /^(?:keep-alive|connection): (?:timeout=\d+|close)$/im.exec(text)?.[0];
}

// A request on a connection that the server was closing failed with ECONNRESET: the two timeouts were equal.
test('clients are told to stop using an idle connection before the server closes it', () => {
  assert.equal(keepAliveOf(75_000), 'Keep-Alive: timeout=65');
  assert.equal(keepAliveOf(5_000), 'Keep-Alive: timeout=5');
  assert.equal(keepAliveOf(undefined), 'connection: close');
});
