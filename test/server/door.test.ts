import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts';
import { Doorway, type DoorwayOptions } from '../../src/server/door.ts';
import { serverLimits } from '../../src/server/limits.ts';
import { ManualClock } from '../../src/support/clock.ts';

const answered: HttpResponse = { status: 200, headers: {} };

/** What a doorway reads of a request. */
function request(headers: HttpRequest['headers'] = {}): HttpRequest {
  const { signal } = new AbortController();
  return { method: 'POST', httpVersion: '1.1', headers, signal } as unknown as HttpRequest;
}

function doorway(forward: DoorwayOptions['forward'] = () => Promise.resolve(answered)) {
  const clock = new ManualClock();
  return { clock, door: new Doorway({ clock, forward }) };
}

const here = {
  kind: 'here',
  handler: () => Promise.resolve(answered),
  isCurrent: () => true,
  confirm: () => Promise.resolve(),
} as const;

/** Lets everything run that waits for nothing but promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('requests wait while there is no owner, 30 seconds at most', async () => {
  const { clock, door } = doorway();
  const first = door.pass(request());
  clock.advance(serverLimits.holdRequestMs - 1);
  const second = door.pass(request());
  await settled();
  assert.equal(door.waiting, 2);
  clock.advance(1);
  const { status, headers } = await first;
  assert.deepEqual([status, headers['Retry-After']], [503, '1']);
  door.move(here);
  assert.equal((await second).status, 200);
  assert.equal(door.waiting, 0);
});

test('so many requests wait at most, with so many bytes', async () => {
  const { door } = doorway();
  const large = request({ 'content-length': String(1024 * 1024) });
  const fitting = serverLimits.heldBytesMax / (1024 * 1024);
  const waiting = Array.from({ length: fitting }, () => door.pass(large));
  await settled();
  assert.equal((await door.pass(large)).status, 503);
  const small = Array.from({ length: serverLimits.heldRequestsMax - fitting }, () => door.pass(request()));
  await settled();
  assert.equal((await door.pass(request())).status, 503);
  door.move(here);
  for (const answer of await Promise.all([...waiting, ...small])) assert.equal(answer.status, 200);
});

test('a request that did not get through is forwarded again, to where the owner is then', async () => {
  const tried: string[] = [];
  const { clock, door } = doorway((_, url) => {
    tried.push(url);
    return Promise.resolve(url === 'http://b' ? answered : undefined);
  });
  door.move({ kind: 'there', url: 'http://a' });
  const answer = door.pass(request());
  await settled();
  clock.advance(serverLimits.forwardRetryMs);
  await settled();
  // At once.
  door.move({ kind: 'there', url: 'http://b' });
  assert.equal((await answer).status, 200);
  assert.deepEqual(tried, ['http://a', 'http://a', 'http://b']);
});

test('a request that another machine has forwarded is not forwarded again, but may wait', async () => {
  const { door } = doorway();
  const forwarded = request({ 'x-nagare-forwarded': '1' });
  const waiting = door.pass(forwarded);
  await settled();
  door.move({ kind: 'there', url: 'http://a' });
  assert.equal((await waiting).status, 421);
});

test('an owner that may be replaced finds out before it answers', async () => {
  const { door } = doorway();
  let isCurrent = false;
  const confirmed = Promise.withResolvers<void>();
  door.move({ ...here, isCurrent: () => isCurrent, confirm: () => confirmed.promise });
  const answer = door.pass(request());
  await settled();
  assert.equal(door.waiting, 1);
  isCurrent = true;
  confirmed.resolve();
  assert.equal((await answer).status, 200);
});

test('requests in progress may end before an owner leaves, for a while; those that come later are not waited for', async () => {
  const { clock, door } = doorway();
  const working = Promise.withResolvers<HttpResponse>();
  door.move({ ...here, handler: () => working.promise });
  const answer = door.pass(request());
  let isAnswered = false;
  const waited = door.answered(1000).then(() => (isAnswered = true));
  door.move({ ...here, handler: () => new Promise(() => undefined) });
  void door.pass(request());
  await settled();
  assert.equal(isAnswered, false);
  working.resolve(answered);
  await answer;
  await waited;

  const late = door.answered(1000);
  clock.advance(1000);
  await late;
});

test('nothing waits at a machine that stops', async () => {
  const { door } = doorway();
  const waiting = door.pass(request());
  await settled();
  door.close();
  assert.equal((await waiting).status, 503);
});
