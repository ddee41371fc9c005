import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../../../src/errors.ts';
import { cloudWatchLimits } from '../../../../src/services/cloudwatch/limits.ts';
import { alarmOf } from '../alarm-of.ts';
import { World } from '../world.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:cleaner';

async function raise(world: World, alarmActions?: string[]): Promise<void> {
  const {
    state: _,
    configuredMs: __,
    ...configuration
  } = alarmOf(alarmActions === undefined ? {} : { alarmActions });
  await world.alarms.put(configuration);
  await world.alarms.setState(configuration.name, { value: 'ALARM', reason: 'testing' });
}

function outcomes(world: World): string[] {
  const items = [...world.history.entries('too many')].map(([, item]) => item);
  return items.filter(({ type }) => type === 'Action').map(({ summary }) => summary);
}

test('a function as an action gets the event', async () => {
  await using world = await World.open();
  await raise(world, [FUNCTION]);
  await world.until(() => world.targets.invoked.length === 1, 'the function runs');
  assert.equal(world.targets.invoked[0]?.functionArn, FUNCTION);
  await world.until(() => outcomes(world).length === 1, 'it is written down');
  assert.deepEqual(outcomes(world), [`Successfully executed action ${FUNCTION}`]);
});

test('an action pending when the server was killed is executed after its next start', async () => {
  // The state was committed, and so the action with it; the process ends before anybody is told.
  const world = await World.open();
  world.targets.failure = new Error('the other side is away');
  await raise(world);
  const again = await world.reopened();
  assert.deepEqual(again.targets.published, []);
  again.targets.failure = undefined;
  await using third = await again.reopened();
  // It was tried before, and waits for its time.
  third.clock.advance(cloudWatchLimits.alarmActionRetryMs * 10);
  await third.until(() => third.targets.published.length === 1, 'the topic is told');
});

test('a missing topic is logged once, and the failure is recorded in the history', async () => {
  await using world = await World.open();
  world.targets.failure = new ServiceError('NotFound', 'Topic does not exist', 404);
  await raise(world);
  await world.until(() => outcomes(world).length === 1, 'it is written down');
  assert.deepEqual(outcomes(world), [
    'Failed to execute action arn:aws:sns:us-east-1:000000000000:sample. Received error: "Topic does not exist"',
  ]);
  world.targets.failure = undefined;
  world.clock.advance(60_000);
  assert.deepEqual(world.targets.published, []);
});

test('a transient failure is retried', async () => {
  await using world = await World.open();
  world.targets.failure = new Error('for a while');
  await raise(world);
  await new Promise((resolve) => setImmediate(resolve));
  world.targets.failure = undefined;
  await world.until(() => {
    world.clock.advance(cloudWatchLimits.alarmActionRetryMs);
    return world.targets.published.length === 1;
  }, 'the topic is told');
});

test('an action left by an earlier version is executed', async () => {
  const world = await World.open();
  const { catalog } = world.engine;
  const table = catalog.table<object>('cloudwatch.alarm-actions');
  const row = { alarmName: 'old', arn: FUNCTION, kind: 'lambda', subject: 's', message: '{"n":1}' };
  await catalog.commit((transaction) => transaction.put(table, '0001', row));
  await using again = await world.reopened();
  await again.until(() => again.targets.invoked.length === 1, 'the function runs');
  assert.deepEqual(again.targets.invoked[0]?.event, { n: 1 });
  assert.equal(again.engine.catalog.table('cloudwatch.alarm-actions').size, 0);
});
