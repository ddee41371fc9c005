import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotOwnerError } from '../../src/engine/engine.ts';
import type { Role } from '../../src/engine/shared/member-options.ts';
import { MemoryBudgetError, type HttpRequest, type HttpResponse } from '../../src/http/message.ts';
import { Outgoing } from '../../src/http/outgoing.ts';
import { RequestBody } from '../../src/http/request-body.ts';
import { serverLimits } from '../../src/server/limits.ts';
import type { ReadServing } from '../../src/server/serve-reads.ts';
import { StandbyReads } from '../../src/server/standby-reads.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';

/** What answering reads of a request. */
function request(parts: Partial<HttpRequest> = {}): Outgoing {
  return new Outgoing({
    method: 'POST',
    httpVersion: '1.1',
    headers: { 'content-length': '2' },
    bodyAtHand: () => new RequestBody(Buffer.from('{}')),
    ...parts,
  } as unknown as HttpRequest);
}

function standby() {
  const clock = new ManualClock(1_000_000);
  const state = { role: 'standby' as Role, copy: {}, isRecent: true, opened: 0, closed: 0 };
  const serving = {
    status: 200,
    fails: undefined as Error | undefined,
    has: (() => true) as ReadServing['has'],
    answer: {} as Partial<HttpResponse>,
  };
  const reads = new StandbyReads({
    member: {
      age: { ms: 12.5, isAtMost: () => Promise.resolve(state.isRecent) },
      status: () => ({ role: state.role, term: 1, position: 7, owner: undefined, quietMs: 0 }),
    } as unknown as ConstructorParameters<typeof StandbyReads>[0]['member'],
    copy: () => state.copy,
    ageMaxMs: 1000,
    clock,
    log: silentLog,
    open(): Promise<ReadServing> {
      if (serving.fails !== undefined) return Promise.reject(serving.fails);
      state.opened++;
      return Promise.resolve({
        has: (asked, body) => serving.has(asked, body),
        handler: () => Promise.resolve({ status: serving.status, headers: {}, ...serving.answer }),
        close: () => Promise.resolve(void state.closed++),
      });
    },
  });
  return { clock, state, serving, reads };
}

test('what is read comes from the copy that is followed: another one is opened again', async () => {
  const { clock, state, reads } = standby();
  const answer = await reads.answer(request());
  assert.equal(answer?.headers['x-nagare-standby-read'], 'position=7, age-ms=13');
  await reads.answer(request());
  assert.equal(state.opened, 1);
  state.copy = {};
  clock.advance(serverLimits.standbyReadsRetryMs);
  assert.equal((await reads.answer(request()))?.status, 200);
  assert.deepEqual([state.opened, state.closed], [2, 1]);
  await reads.close();
  assert.equal(state.closed, 2);
  assert.equal(await reads.answer(request()), undefined);
});

test('a copy that is replaced while the standby asks how old it is answers nothing', async () => {
  const { state, reads } = standby();
  const answer = reads.answer(request());
  state.copy = {};
  assert.equal(await answer, undefined);
  assert.deepEqual(reads.counts, { answered: 0, stale: 1, refused: 0 });
});

test('an owner, errors, large bodies and other consistency are left to the owner', async () => {
  const { state, serving, reads } = standby();
  serving.status = 400;
  assert.equal(await reads.answer(request()), undefined);
  serving.status = 200;
  state.isRecent = false;
  assert.equal(await reads.answer(request()), undefined);
  state.isRecent = true;
  const length = String(serverLimits.standbyReadBodyBytesMax + 1);
  assert.equal(await reads.answer(request({ headers: { 'content-length': length } })), undefined);
  const headers = { 'content-length': '2', 'x-nagare-consistency': 'owner' };
  assert.equal(await reads.answer(request({ headers })), undefined);
  assert.deepEqual(reads.counts, { answered: 0, stale: 1, refused: 1 });
  const full = request({ bodyAtHand: () => undefined, body: () => Promise.reject(new MemoryBudgetError()) });
  assert.equal((await reads.answer(full))?.status, 503);

  state.role = 'owner';
  await reads.leave();
  assert.equal(await reads.answer(request()), undefined);
  assert.deepEqual([state.opened, state.closed], [1, 1]);
});

test('a body is read only if its operation may be one that a standby has, and is there for the owner afterwards', async () => {
  const { serving, reads } = standby();
  let bodies = 0;
  const outgoing = request({ bodyAtHand: () => (bodies++, new RequestBody(Buffer.from('Action=Publish'))) });
  serving.has = () => false;
  assert.equal(await reads.answer(outgoing), undefined);
  assert.equal(bodies, 0);
  serving.has = (_request, body) => (body === undefined ? 'named-in-body' : body.includes('Action=List'));
  assert.equal(await reads.answer(outgoing), undefined);
  assert.equal(bodies, 1);
  assert.equal((await outgoing.again()?.body(100))?.bytes.toString(), 'Action=Publish');
  assert.deepEqual(reads.counts, { answered: 0, stale: 0, refused: 0 }, 'it is no read');
  const list = request({ bodyAtHand: () => new RequestBody(Buffer.from('Action=ListTopics')) });
  assert.equal((await reads.answer(list))?.status, 200);
});

test('what cannot be opened yet is opened later', async () => {
  const { clock, state, serving, reads } = standby();
  serving.fails = new NotOwnerError('nothing there');
  assert.equal(await reads.answer(request()), undefined);
  serving.fails = undefined;
  assert.equal(await reads.answer(request()), undefined, 'not at once');
  clock.advance(serverLimits.standbyReadsRetryMs);
  assert.equal((await reads.answer(request()))?.status, 200);
  assert.equal(state.opened, 1);
});

/** A subscription at a standby, of which one event was read. */
async function subscribed() {
  const parts = standby();
  const source = { events: ['first'], asked: Promise.withResolvers<void>(), hasEnded: false };
  const body: AsyncIterator<Uint8Array> = {
    async next() {
      const event = source.events.shift();
      if (event !== undefined) return { value: Buffer.from(event) };
      await source.asked.promise;
      return source.hasEnded ? { done: true, value: undefined } : { value: Buffer.from('second') };
    },
    return() {
      source.hasEnded = true;
      source.asked.resolve();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
  parts.serving.answer = { endless: true, body: { [Symbol.asyncIterator]: () => body } };
  const answer = await parts.reads.answer(request());
  assert(
    answer?.body !== undefined && typeof answer.body !== 'string' && Symbol.asyncIterator in answer.body,
  );
  const events = answer.body[Symbol.asyncIterator]();
  assert.equal(String((await events.next()).value), 'first');
  return { ...parts, source, events };
}

const over = { done: true, value: undefined };

test('a subscription ends in order when its copy may be too old, is another one, or is left', async () => {
  const ends: ((parts: Awaited<ReturnType<typeof subscribed>>) => void)[] = [
    ({ state }) => void (state.isRecent = false),
    ({ state }) => void (state.copy = {}),
    ({ state }) => void (state.role = 'owner'),
    ({ serving }) => void (serving.has = () => false),
    ({ reads }) => void reads.leave(),
  ];
  for (const end of ends) {
    const parts = await subscribed();
    const next = parts.events.next();
    end(parts);
    parts.clock.advance(serverLimits.standbyStreamsLookMs);
    assert.deepEqual(await next, over);
    assert.equal(parts.source.hasEnded, true);
    assert.deepEqual(await parts.events.next(), over);
    await parts.reads.close();
  }
});

test('a subscription goes on while its copy is recent, and sends nothing of one that may not be', async () => {
  const { clock, state, source, events, reads } = await subscribed();
  clock.advance(60_000);
  const second = events.next();
  source.asked.resolve();
  assert.equal(String((await second).value), 'second');
  state.isRecent = false;
  assert.deepEqual(await events.next(), over);
  assert.equal(source.hasEnded, true);
  await reads.close();
});

test('a client that does not read its subscription does not hold up what follows', async () => {
  const { state, source, reads } = await subscribed();
  await reads.leave();
  assert.deepEqual([state.closed, source.hasEnded], [1, true]);
});
