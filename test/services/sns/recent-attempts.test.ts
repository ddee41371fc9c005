import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snsLimits } from '../../../src/services/sns/limits.ts';
import { RecentAttempts } from '../../../src/services/sns/recent-attempts.ts';

const failed = { durationMs: 1, outcome: 'Retrying', status: 500, reason: 'x'.repeat(10_000) } as const;

test('a few last attempts of the subscriptions that were last delivered to are kept, without long reasons', () => {
  const attempts = new RecentAttempts();
  for (let timeMs = 0; timeMs < 20; timeMs++) attempts.add('arn:0', { ...failed, timeMs });
  assert.deepEqual(
    attempts.of('arn:0').map(({ timeMs }) => timeMs),
    [19, 18, 17, 16, 15],
  );
  assert.equal(attempts.of('arn:0')[0]?.reason?.length, snsLimits.attemptReasonCharactersMax);
  for (let at = 1; at < snsLimits.attemptedSubscriptionsMax; at++) {
    attempts.add(`arn:${at}`, { ...failed, timeMs: 100 });
  }
  attempts.add('arn:0', { ...failed, timeMs: 200 });
  attempts.add('arn:new', { ...failed, timeMs: 300 });
  assert.equal(attempts.of('arn:0')[0]?.timeMs, 200, 'the newest ones are kept');
  assert.deepEqual(attempts.of('arn:1'), [], 'the one of the oldest attempt is forgotten');
  assert.equal(attempts.of('arn:2').length, 1);
});
