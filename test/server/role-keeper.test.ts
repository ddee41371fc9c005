import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Member } from '../../src/engine/shared/member.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts';
import { Doorway } from '../../src/server/door.ts';
import type { SettingsCheck } from '../../src/server/equal-settings.ts';
import type { Forwarding } from '../../src/server/forwarding.ts';
import { serverLimits } from '../../src/server/limits.ts';
import { RoleKeeper } from '../../src/server/role-keeper.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';

const answered: HttpResponse = { status: 200, headers: {} };

/** Lets everything run that waits for nothing but promises. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a doorway reads of a request. */
function request(path: string): HttpRequest {
  const { signal } = new AbortController();
  return { method: 'GET', httpVersion: '1.1', headers: {}, signal, path } as unknown as HttpRequest;
}

test('an owner that leaves answers requests while what is slow ends, and requests wait for little then', async () => {
  const clock = new ManualClock();
  const steps: string[] = [];
  const quiesced = Promise.withResolvers<void>();
  const doorway = new Doorway({ clock, forward: () => Promise.resolve(undefined) });
  // What a keeper asks of its parts.
  const member = { status: () => ({ role: 'owner' }), isCurrent: true } as Member;
  const check = { look: () => undefined, isAlike: true } as unknown as SettingsCheck;
  const forwarding = { turnTo: () => undefined, close: () => undefined } as unknown as Forwarding;
  const keeper = new RoleKeeper({ doorway, forwarding, check, log: silentLog, url: 'http://here' });
  keeper.follow(member);
  keeper.serveWith(() =>
    Promise.resolve({
      handler: (asked) =>
        asked.path === '/slow' ? new Promise<never>(() => undefined) : Promise.resolve(answered),
      quiesce: async () => {
        steps.push('quiesces');
        await quiesced.promise;
        steps.push('quiesced');
      },
      close: async () => void steps.push('closed'),
    }),
  );
  await keeper.become('owner');
  const isAnswered = async (): Promise<boolean> =>
    await Promise.race([
      doorway.pass(request('/fast')).then(() => true),
      settled()
        .then(settled)
        .then(() => false),
    ]);

  void doorway.pass(request('/slow'));
  const left = keeper.leave(async () => void steps.push('left'));
  await settled();
  assert.equal(await isAnswered(), true, 'while a slow request has time to end');
  assert.deepEqual(steps, []);
  void doorway.pass(request('/slow'));
  clock.advance(serverLimits.drainMs);
  await settled();
  assert.deepEqual(steps, ['quiesces']);
  assert.equal(await isAnswered(), true, 'while the background ends');
  quiesced.resolve();
  await settled();
  assert.equal(await isAnswered(), false, 'when the ownership is left');
  assert.deepEqual(steps, ['quiesces', 'quiesced']);
  clock.advance(serverLimits.lastDrainMs);
  await left;
  assert.deepEqual(steps, ['quiesces', 'quiesced', 'closed', 'left']);
  doorway.close();
  await keeper.close();
});
