import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sampler } from '../../src/telemetry/otlp/sampler.ts';
import { parentOf } from '../../src/protocol/trace-context.ts';
import { randomId } from '../../src/support/trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const both = ['tracecontext', 'xray'] as const;

const parent = (traceparent: string) => parentOf({ traceparent }, both);

test('traceparent is read as the recommendation of the W3C says', () => {
  const sampled = { traceId, spanId, isSampled: true, traceState: undefined };
  assert.deepEqual(parent(`00-${traceId}-${spanId}-01`), sampled);
  assert.deepEqual(parent(`00-${traceId}-${spanId}-00`), { ...sampled, isSampled: false });
  // A later version may say more.
  assert.deepEqual(parent(`cc-${traceId}-${spanId}-01-what-the-future-will-be-like`), sampled);
  for (const invalid of [
    '',
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
  ]) {
    assert.equal(parent(invalid), undefined, invalid);
  }
});

test('the state of the trace is kept, unless it is too long', () => {
  const traceparent = `00-${traceId}-${spanId}-01`;
  assert.equal(parentOf({ traceparent, tracestate: 'a=1,b=2' }, both)?.traceState, 'a=1,b=2');
  assert.equal(parentOf({ traceparent, tracestate: 'x'.repeat(600) }, both)?.traceState, undefined);
});

test('X-Amzn-Trace-Id counts where there is no traceparent', () => {
  const xray = (header: string) => parentOf({ 'x-amzn-trace-id': header }, both);
  const root = '1-0af76519-16cd43dd8448eb211c80319c';
  assert.deepEqual(xray(`Root=${root};Parent=${spanId};Sampled=1`), {
    traceId,
    spanId,
    isSampled: true,
    traceState: undefined,
  });
  assert.equal(xray(`Sampled=0; Parent=${spanId}; Root=${root}`)?.isSampled, false);
  // A load balancer knows the trace only, and leaves the decision to others.
  assert.deepEqual(xray(`Self=1-67891234-12456789abcdef012345678;Root=${root}`), {
    traceId,
    spanId: undefined,
    isSampled: undefined,
    traceState: undefined,
  });
  assert.equal(xray(`Root=1-${traceId}`), undefined);
  assert.equal(xray(`Parent=${spanId};Sampled=1`), undefined);
  const other = '4bf92f3577b34da6a3ce929d0e0e4736';
  const headers = { traceparent: `00-${other}-${spanId}-00`, 'x-amzn-trace-id': `Root=${root};Sampled=1` };
  assert.equal(parentOf(headers, both)?.traceId, other);
  assert.equal(parentOf(headers, ['xray'])?.traceId, traceId);
  assert.equal(parentOf(headers, []), undefined);
});

test('a sampler follows its caller, or decides by the id of the trace', () => {
  const asked = (isSampled: boolean | undefined) => ({ traceId, spanId, isSampled, traceState: undefined });
  const never = new Sampler({ isParentBased: true, ratio: 0 });
  assert.equal(never.sample(asked(true)), traceId);
  assert.equal(never.sample(asked(false)), undefined);
  assert.equal(never.sample(asked(undefined)), undefined);
  assert.equal(never.sample(undefined), undefined);
  const alone = new Sampler({ isParentBased: false, ratio: 0 });
  assert.equal(alone.sample(asked(true)), undefined);
  const always = new Sampler({ isParentBased: false, ratio: 1 });
  assert.equal(always.sample(asked(false)), traceId);
  assert.match(always.sample(undefined) ?? '', /^[\da-f]{32}$/);
  // The last 56 bits, as a part of all that they can be, are at least 1 - ratio.
  const half = new Sampler({ isParentBased: false, ratio: 0.5 });
  const withBits = (bits: string) => ({ ...asked(undefined), traceId: '1'.repeat(18) + bits });
  assert.equal(half.sample(withBits('7fffffffffffff')), undefined);
  assert.notEqual(half.sample(withBits('80000000000000')), undefined);
  const tenth = new Sampler({ isParentBased: true, ratio: 0.1 });
  const sampled = Array.from({ length: 20_000 }, () => tenth.sample(undefined)).filter(
    (id) => id !== undefined,
  );
  assert.ok(sampled.length > 1700 && sampled.length < 2300, `${sampled.length}`);
});

test('ids are all different', () => {
  const ids = Array.from({ length: 5000 }, () => randomId(8));
  assert.equal(new Set(ids).size, ids.length);
});
