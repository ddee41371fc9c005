import assert from 'node:assert/strict';
import { it } from 'node:test';
import { release, releaseMemoryOf } from '../../src/support/release.ts';

const LARGE = 1 << 20;

it('gives the memory of a large buffer back', () => {
  const buffer = Buffer.alloc(LARGE);
  release(buffer);
  assert.equal(buffer.length, 0);
});

it('leaves a buffer alone that is a part of its memory, unless all of that is meant', () => {
  const memory = Buffer.alloc(LARGE);
  release(memory.subarray(0, LARGE / 2));
  release(memory.subarray(1));
  assert.equal(memory.length, LARGE);
  releaseMemoryOf(memory.subarray(0, LARGE / 2));
  assert.equal(memory.length, 0);
});

it('leaves what is small, shared or given back already alone', () => {
  const small = Buffer.from('abc');
  const pooled = Buffer.allocUnsafe(Buffer.poolSize >>> 2);
  releaseMemoryOf(small);
  releaseMemoryOf(pooled);
  assert.equal(small.toString(), 'abc');
  assert.equal(pooled.length, Buffer.poolSize >>> 2);
  const shared = new Uint8Array(new SharedArrayBuffer(LARGE));
  release(shared);
  assert.equal(shared.length, LARGE);
  const twice = Buffer.alloc(LARGE);
  release(twice);
  release(twice);
});
