/** A request is checked when it comes. An answer that lasts went on until it ended by itself, whatever became of its key. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { type AccessKey, rootIdentity } from '../../src/auth/identity.ts';
import { EventStream } from '../../src/console/event-stream.ts';
import { consoleLimits } from '../../src/console/limits.ts';
import { openAnswers } from '../../src/console/open-answers.ts';
import { type Session, Sessions } from '../../src/console/sessions.ts';
import type { HttpResponse } from '../../src/http/message.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { silentLog } from '../../src/support/log.ts';

const KEY = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };

async function scene(t: TestContext) {
  const clock = new ManualClock();
  let key: AccessKey | undefined = {
    ...KEY,
    status: 'Active',
    identity: rootIdentity('000000000000', KEY.accessKeyId),
  };
  let lookups = 0;
  const find = () => {
    lookups++;
    return Promise.resolve(key);
  };
  const sessions = new Sessions({ find }, clock);
  const answers = openAnswers(sessions, clock, silentLog);
  t.after(() => answers.close());
  const opened = (await sessions.open(KEY)) ?? assert.fail();
  return {
    ...opened,
    clock,
    sessions,
    lookups: () => lookups,
    change: (change: Partial<AccessKey> | undefined) => (key = change && key && { ...key, ...change }),
    hold(body: AsyncIterable<Uint8Array>, session: Session = opened.session) {
      const { body: held } = answers.hold({ status: 200, headers: {}, body }, session);
      return (held as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    },
    async check() {
      clock.advance(consoleLimits.sessionCheckMs);
      await turn();
    },
  };
}

async function* file(closed: () => void): AsyncGenerator<Uint8Array, undefined> {
  try {
    for (;;) yield Buffer.from('a line\n');
  } finally {
    closed();
  }
}

const ends = {
  disabled: ({ change }) => void change({ status: 'Inactive' }),
  deleted: ({ change }) => void change(undefined),
  expired: ({ change, clock }) => void change({ expiresMs: clock.now() }),
} satisfies Record<string, (at: Awaited<ReturnType<typeof scene>>) => void>;

for (const [how, end] of Object.entries(ends)) {
  test(`events and files that are being sent end within two seconds after their key is ${how}`, async (t) => {
    const at = await scene(t);
    const events = new EventStream(at.clock);
    at.session.ended.addEventListener('abort', () => events.close());
    const stream = at.hold(events);
    assert.match(String((await stream.next()).value), /hello/);
    const waiting = stream.next();
    let isClosed = false;
    const download = at.hold(file(() => (isClosed = true)));
    await download.next();
    await at.check();
    assert.equal((await download.next()).done, false);
    end(at);
    await at.check();
    assert.equal((await waiting).done, true);
    // Not ended as if this was all of it.
    await assert.rejects(async () => download.next(), { name: 'SessionEndedError' });
    assert.ok(isClosed);
  });
}

test('somebody who logs out gets no more of a file', async (t) => {
  const at = await scene(t);
  const download = at.hold(file(() => {}));
  await download.next();
  at.sessions.close(at.cookie);
  await assert.rejects(async () => download.next(), { name: 'SessionEndedError' });
});

test('other sessions go on', async (t) => {
  const at = await scene(t);
  const { session } = (await at.sessions.open(KEY)) ?? assert.fail();
  const [mine, theirs] = [
    at.hold(file(() => {})),
    at.hold(
      file(() => {}),
      session,
    ),
  ];
  at.sessions.close(at.cookie);
  await assert.rejects(async () => mine.next());
  await at.check();
  assert.equal((await theirs.next()).done, false);
});

test('nothing is looked up while nothing is sent', async (t) => {
  const at = await scene(t);
  const [short, left] = [at.hold(file(() => {})), at.hold(file(() => {}))];
  await short.return?.();
  const before = at.lookups();
  await at.check();
  assert.equal(at.lookups(), before + 1);
  await left.return?.();
  await at.check();
  assert.equal(at.lookups(), before + 1);
});

test('sessions that cannot be checked now are checked again', async (t) => {
  const at = await scene(t);
  const { log, lines } = recordedLog();
  let isReadable = false;
  const sessions = {
    endOver: async () => {
      if (!isReadable) throw new Error('the keys cannot be read');
      at.sessions.close(at.cookie);
    },
  };
  const answers = openAnswers(sessions, at.clock, log);
  t.after(() => answers.close());
  const { body } = answers.hold({ status: 200, headers: {}, body: file(() => {}) }, at.session);
  const download = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  await at.check();
  assert.deepEqual(lines, ['warn with a stack: the sessions of the console cannot be checked']);
  assert.equal((await download.next()).done, false);
  isReadable = true;
  await at.check();
  await assert.rejects(async () => download.next(), { name: 'SessionEndedError' });
});

test('an answer at once is left as it is', async (t) => {
  const at = await scene(t);
  const answers = openAnswers(at.sessions, at.clock, silentLog);
  const answer: HttpResponse = { status: 200, headers: {}, body: 'short' };
  assert.equal(answers.hold(answer, at.session), answer);
});
