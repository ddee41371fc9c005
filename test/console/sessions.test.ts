import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessKey, rootIdentity } from '../../src/auth/identity.ts';
import { consoleLimits } from '../../src/console/limits.ts';
import { Sessions } from '../../src/console/sessions.ts';
import { ManualClock } from '../../src/support/clock.ts';

function keyOf(accessKeyId: string, status: AccessKey['status']): AccessKey {
  return {
    accessKeyId,
    secretAccessKey: 'secret',
    status,
    identity: rootIdentity('000000000000', accessKeyId),
  };
}

test('a link that logs in is good for five minutes, and as long as its key', async () => {
  const clock = new ManualClock();
  let status: AccessKey['status'] = 'Active';
  const sessions = new Sessions({ find: (id) => keyOf(id, status) }, clock);
  const { token: late = '' } = sessions.newLogin('AKIA', undefined);
  clock.advance(consoleLimits.loginTokenMs);
  assert.equal(await sessions.openByToken(late), undefined);
  const { token: used = '' } = sessions.newLogin('AKIA', undefined);
  clock.advance(consoleLimits.loginTokenMs - 1);
  assert.equal((await sessions.openByToken(used))?.session.accessKeyId, 'AKIA');
  const { token: disabled = '' } = sessions.newLogin('AKIA', undefined);
  status = 'Inactive';
  assert.equal(await sessions.openByToken(disabled), undefined);
});

test('links that nobody opens are bounded: the oldest leaves first', async () => {
  const sessions = new Sessions({ find: (id) => keyOf(id, 'Active') }, new ManualClock());
  const tokens = Array.from(
    { length: consoleLimits.loginTokensMax + 1 },
    () => sessions.newLogin('AKIA', undefined).token ?? '',
  );
  assert.equal(await sessions.openByToken(tokens[0] ?? ''), undefined);
  assert.notEqual(await sessions.openByToken(tokens[1] ?? ''), undefined);
});
