import assert from 'node:assert/strict';
import { it } from 'node:test';
import { acquireBuffer, releaseBuffer } from '../../src/support/buffer-pool.ts';

const LARGE = 1 << 20;

it('returns buffers of the requested size, and also large ones', () => {
  for (const bytes of [0, 1, 8191, 32 * 1024 - 1, 32 * 1024, 100_000, LARGE, LARGE + 1, 5 * LARGE]) {
    assert.equal(acquireBuffer(bytes).length, bytes);
  }
});

it('reuses released memory', () => {
  const first = acquireBuffer(LARGE - 5);
  first.fill('a');
  releaseBuffer(first);
  const again = acquireBuffer(LARGE - 7);
  assert.equal(again.length, LARGE - 7);
  assert.equal(again.toString('latin1', 0, 3), 'aaa');
});

it('makes views of released memory empty', () => {
  const buffer = acquireBuffer(LARGE);
  const part = buffer.subarray(10, 20);
  releaseBuffer(part);
  assert.equal(buffer.length, 0);
  assert.equal(part.length, 0);
  // Once more does no harm: the memory is somebody else's by now.
  const next = acquireBuffer(LARGE);
  releaseBuffer(buffer);
  assert.equal(next.length, LARGE);
});

it('never hands out the same memory twice', () => {
  const lent = Array.from({ length: 40 }, () => acquireBuffer(LARGE));
  for (const buffer of lent) releaseBuffer(buffer);
  const again = Array.from({ length: 40 }, (_, n) => acquireBuffer(LARGE).fill(n));
  for (const [n, buffer] of again.entries()) assert.ok(buffer.every((byte) => byte === n));
});

it('keeps a bounded amount of released memory, and nothing very large', () => {
  const before = process.memoryUsage().arrayBuffers;
  const filled = Array.from({ length: 40 }, () => acquireBuffer(LARGE).fill('x'));
  for (const buffer of filled) releaseBuffer(buffer);
  const keptBytes = process.memoryUsage().arrayBuffers - before;
  assert.ok(keptBytes <= 8 * LARGE, `${keptBytes} bytes are kept`);
  const huge = acquireBuffer(20 * LARGE);
  releaseBuffer(huge);
  assert.equal(huge.length, 0);
});

it('ignores memory that is not from the pool', () => {
  const own = Buffer.alloc(LARGE);
  releaseBuffer(own);
  assert.equal(own.length, LARGE);
  const small = acquireBuffer(3).fill('abc');
  const pooled = Buffer.allocUnsafe(Buffer.poolSize >>> 2);
  releaseBuffer(small);
  releaseBuffer(pooled);
  assert.equal(small.toString(), 'abc');
  assert.equal(pooled.length, Buffer.poolSize >>> 2);
});
