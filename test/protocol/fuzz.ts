import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import * as fc from 'fast-check';
import { RequestBody } from '../../src/http/request-body.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts';
import { ResponseMemoryBudget, ResponseReservation } from '../../src/http/response-memory-budget.ts';
import type { ServiceModel } from '../../src/protocol/model.ts';
import { arbitraryOf, type ArbitraryOptions } from './arbitrary.ts';

/** A request that no socket was needed for. */
export function fakeRequest(
  options: Partial<Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers' | 'authority'>>,
  body: Buffer,
): HttpRequest {
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: {},
    authority: '127.0.0.1',
    httpVersion: '1.1',
    secure: false,
    peer: { address: '127.0.0.1', tls: undefined },
    signal: new AbortController().signal,
    responseMemory: new ResponseReservation(new ResponseMemoryBudget()),
    bodyAtHand: () => new RequestBody(body),
    body: () => Promise.resolve(new RequestBody(body)),
    stream: () => Readable.from([body]),
    ...options,
  };
}

const strangers: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  '',
  'a'.repeat(3000),
  '\u0000',
  '🦊',
  '=',
  'AAAA',
  [],
  [null],
  [[]],
  {},
  { a: 1 },
  { __proto__: null },
];

type Mutation = (value: unknown, pick: (below: number) => number) => unknown;

/** Puts something else in the place of one value within, or takes it away. */
const replaceWithin: Mutation = (value, pick) => {
  if (typeof value !== 'object' || value === null || pick(4) === 0) return strangers[pick(strangers.length)];
  const keys = Object.keys(value);
  const key = keys[pick(keys.length)];
  if (key === undefined) return strangers[pick(strangers.length)];
  if (pick(6) === 0) {
    const { [key]: _, ...rest } = value as Record<string, unknown>;
    return rest;
  }
  const inner = (value as Record<string, unknown>)[key];
  if (Array.isArray(value))
    return value.map((item, i) => (String(i) === key ? replaceWithin(item, pick) : item));
  return { ...value, [key]: replaceWithin(inner, pick) };
};

/** Changes, doubles or cuts the bytes. */
function damage(bytes: Buffer, pick: (below: number) => number): Buffer {
  const at = pick(bytes.length + 1);
  switch (pick(4)) {
    case 0:
      return bytes.subarray(0, at);
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([pick(256)]), bytes.subarray(at)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + pick(8))]);
    default: {
      const copy = Buffer.from(bytes);
      if (at < copy.length) copy[at] = pick(256);
      return copy;
    }
  }
}

/** Bodies of an operation: valid ones, such with other values within, and such whose bytes were damaged. */
export function bodies(
  model: ServiceModel,
  inputShape: string,
  encode: (value: unknown) => Buffer,
  options: ArbitraryOptions = {},
): fc.Arbitrary<Buffer> {
  const choices = fc.array(fc.nat(), { minLength: 24, maxLength: 24 });
  return fc
    .tuple(arbitraryOf(model, inputShape, options), fc.nat(3), choices)
    .map(([value, kind, numbers]) => {
      let used = 0;
      const pick = (below: number): number => (numbers[used++ % numbers.length] ?? 0) % Math.max(below, 1);
      if (kind === 0) return encode(value);
      const plain: unknown = JSON.parse(JSON.stringify(value, (_key, inner: unknown) => inner));
      if (kind === 1) return encode(replaceWithin(plain, pick));
      if (kind === 2) return damage(encode(value), pick);
      return damage(encode(replaceWithin(plain, pick)), pick);
    });
}

/** What every client can read, and what is never blamed on it. */
export function assertWellFormed({ status, headers, body }: HttpResponse, what: string): void {
  const text =
    typeof body === 'string' || body instanceof Uint8Array ? Buffer.from(body as Uint8Array).toString() : '';
  assert.ok(status === 200 || (status >= 400 && status < 500), `${what}: ${status} ${text}`);
  if (status === 200 || !(headers['Content-Type'] ?? '').includes('json')) return;
  const parsed: unknown = JSON.parse(text);
  const described =
    typeof parsed === 'object' && parsed !== null && ('__type' in parsed || 'message' in parsed);
  assert.ok(described, `${what}: ${text}`);
}
