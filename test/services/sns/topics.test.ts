import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { ServiceError } from '../../../src/errors.ts';
import { snsLimits } from '../../../src/services/sns/limits.ts';
import type { Subscription } from '../../../src/services/sns/topic.ts';
import { Topics } from '../../../src/services/sns/topics.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/server.ts';

const TOPIC = 'arn:aws:sns:us-east-1:000000000000:news';

const filter = (length: number): string => JSON.stringify({ a: ['x'.repeat(length)] });
const isRefused = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === 'FilterPolicyLimitExceeded';

/** Each Unsubscribe left its subscription in memory for two days, with a filter policy of up to 256 KB. */
test('what subscriptions, and ended ones, keep in memory is bounded', async (t) => {
  const { tokensMax, attributesCharactersMax } = snsLimits;
  t.after(() => void Object.assign(snsLimits, { tokensMax, attributesCharactersMax }));
  Object.assign(snsLimits, { tokensMax: 10, attributesCharactersMax: 30_000 });
  const engine = await openEmbeddedEngine({
    folder: await temporaryFolder(),
    clock: systemClock,
    log: silentLog,
  });
  t.after(() => engine.close());
  const topics = new Topics(engine.catalog, systemClock);
  const topic = { arn: TOPIC, name: 'news', region: 'us-east-1', accountId: '000000000000' };
  await topics.create({ ...topic, attributes: {}, tags: {}, subscriptionsDeleted: 0 }, () => undefined);
  const subscribe = async (name: string, FilterPolicy: string): Promise<Subscription> => {
    const wanted = {
      topicArn: TOPIC,
      protocol: 'sqs',
      endpoint: `arn:aws:sqs:us-east-1:000000000000:${name}`,
    } as const;
    const rest = { owner: '000000000000', confirmed: true, authenticateOnUnsubscribe: false };
    return (await topics.subscribe({ ...wanted, ...rest, attributes: { FilterPolicy } }, () => undefined))
      .subscription;
  };

  for (let n = 0; n < 25; n++) await topics.unsubscribe((await subscribe(`q${n}`, filter(10))).arn);
  const tokens = [...engine.catalog.table('sns.tokens').entries()].map(([, row]) => JSON.stringify(row));
  assert.ok(tokens.length <= 10, `there are ${tokens.length} tokens`);
  assert.ok(
    tokens.some((row) => row.includes(':q24"')),
    'the newest token is kept',
  );

  await topics.unsubscribe((await subscribe('large', filter(20_000))).arn);
  await assert.rejects(subscribe('larger', filter(20_000)), isRefused);
  const { arn } = await subscribe('small', filter(10));
  const set = (length: number): Promise<void> =>
    topics.updateSubscription(arn, (present) => ({
      ...present,
      attributes: { FilterPolicy: filter(length) },
    }));
  await assert.rejects(set(20_000), isRefused);
  await set(5_000);
  await set(4_000);
});
