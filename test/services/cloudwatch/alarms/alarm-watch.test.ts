import assert from 'node:assert/strict';
import type { QueueRow } from '../../../../src/queue/durable-queue.ts';
import { describe, test } from 'node:test';
import type { Alarm, StateValue } from '../../../../src/services/cloudwatch/alarms/alarm.ts';
import { cloudWatchLimits } from '../../../../src/services/cloudwatch/limits.ts';
import { alarmOf } from '../alarm-of.ts';
import { MINUTE_MS, World } from '../world.ts';

const NAME = 'too many';

function put(world: World, changes: Partial<Alarm> = {}): Promise<void> {
  const { state: _, configuredMs: __, ...configuration } = alarmOf(changes);
  return world.alarms.put(configuration);
}

function stateOf(world: World): StateValue | undefined {
  return world.alarms.get(NAME)?.state.value;
}

/** To shortly after the end of the running minute, when alarms are evaluated; resolves when that is done. */
async function nextMinute(world: World): Promise<void> {
  const { clock } = world;
  clock.advance(MINUTE_MS - (clock.now() % MINUTE_MS) + cloudWatchLimits.alarmEvaluationDelayMs);
  await world.watch.settled();
}

async function becomes(world: World, state: StateValue): Promise<void> {
  await world.until(() => stateOf(world) === state, `the alarm becomes ${state}`);
}

describe('alarms', () => {
  test('a new alarm has insufficient data until it is evaluated', async () => {
    await using world = await World.open();
    await put(world);
    assert.equal(world.alarms.get(NAME)?.state.reason, 'Unchecked: Initial alarm creation');
    await world.add([3]);
    await nextMinute(world);
    assert.equal(stateOf(world), 'OK');
  });

  test('a sum over the threshold raises the alarm immediately, and notifies the topic', async () => {
    await using world = await World.open();
    await put(world);
    for (let record = 0; record < 10; record++) await world.add([1]);
    await world.watch.settled();
    assert.equal(stateOf(world), 'INSUFFICIENT_DATA');
    await world.add([1]);
    await becomes(world, 'ALARM');
    await world.until(() => world.targets.published.length === 1, 'the topic is told');
    const [told] = world.targets.published;
    assert.equal(told?.topicArn, 'arn:aws:sns:us-east-1:000000000000:sample');
    assert.equal(told?.subject, 'ALARM: "too many" in US East (N. Virginia)');
  });

  test('an average waits for the end of its period', async () => {
    await using world = await World.open();
    await put(world, { statistic: 'Average' });
    await world.add([100]);
    await world.watch.settled();
    assert.equal(stateOf(world), 'INSUFFICIENT_DATA');
    await nextMinute(world);
    assert.equal(stateOf(world), 'ALARM');
  });

  test('a percentile over the threshold raises the alarm at the end of its period, also after a restart', async () => {
    const world = await World.open();
    await put(world, { statistic: 'p99', threshold: 500 });
    const quick = Array.from({ length: 198 }, () => 5);
    await world.add([...quick, 1_000, 1_000]);
    await nextMinute(world);
    assert.equal(stateOf(world), 'OK');
    await world.add([...quick, 1_000]);
    await using again = await world.reopened();
    await again.add([1_000, 1_000]);
    await again.watch.settled();
    assert.equal(stateOf(again), 'OK');
    await nextMinute(again);
    assert.equal(stateOf(again), 'ALARM');
    const { reason, reasonData } = again.alarms.get(NAME)?.state ?? {};
    assert.match(reason ?? '', /^Threshold Crossed: 1 datapoint \[1000\.0 .* was greater than the threshold/);
    const { statistic }: { statistic?: unknown } = JSON.parse(reasonData ?? '{}') as object;
    assert.equal(statistic, 'p99');
  });

  test('a percentile of few samples changes no state where it is to be ignored', async () => {
    await using world = await World.open();
    await put(world, { statistic: 'p90', evaluateLowSampleCountPercentile: 'ignore' });
    const slow = Array.from({ length: 100 }, () => 1_000);
    await world.add(slow.slice(1));
    await nextMinute(world);
    assert.equal(stateOf(world), 'INSUFFICIENT_DATA');
    await world.add(slow);
    await nextMinute(world);
    assert.equal(stateOf(world), 'ALARM');
    await world.add([1]);
    await nextMinute(world);
    assert.equal(stateOf(world), 'ALARM');
  });

  test('a period of which no percentile is known is one without data', async () => {
    await using world = await World.open();
    await put(world, { statistic: 'p99', treatMissingData: 'notBreaching' });
    const set = { sampleCount: 2, sum: 2_000, minimum: 1, maximum: 1_999 };
    await world.add([], world.clock.now(), { set });
    await nextMinute(world);
    assert.match(world.alarms.get(NAME)?.state.reason ?? '', /no datapoints were received for 1 period/);
  });

  test('notifies when the state changes, and not again while it stays', async () => {
    await using world = await World.open();
    await put(world, { okActions: ['arn:aws:sns:us-east-1:000000000000:fine'] });
    for (let minute = 0; minute < 5; minute++) {
      await world.add([11]);
      await nextMinute(world);
      assert.equal(stateOf(world), 'ALARM');
    }
    await world.add([1]);
    await nextMinute(world);
    assert.equal(stateOf(world), 'OK');
    await world.until(() => world.targets.published.length === 2, 'both topics are told');
    assert.deepEqual(
      world.targets.published.map(({ subject }) => subject.split(':')[0]),
      ['ALARM', 'OK'],
    );
  });

  test('missing data results in insufficient data when the last datapoint has left the evaluation range', async () => {
    await using world = await World.open();
    await put(world);
    await world.add([11]);
    await nextMinute(world);
    const states: (StateValue | undefined)[] = [];
    for (let minute = 0; minute < 4; minute++) {
      states.push(stateOf(world));
      await nextMinute(world);
    }
    assert.deepEqual(states, ['ALARM', 'ALARM', 'ALARM', 'INSUFFICIENT_DATA']);
  });

  test('missing data that is not breaching results in OK', async () => {
    await using world = await World.open();
    await put(world, { treatMissingData: 'notBreaching' });
    await nextMinute(world);
    assert.equal(stateOf(world), 'OK');
  });

  test('three of three minutes must breach', async () => {
    await using world = await World.open();
    await put(world, { evaluationPeriods: 3, treatMissingData: 'notBreaching' });
    const states: (StateValue | undefined)[] = [];
    for (let minute = 0; minute < 3; minute++) {
      await world.add([11]);
      await nextMinute(world);
      states.push(stateOf(world));
    }
    assert.deepEqual(states, ['OK', 'OK', 'ALARM']);
  });

  test('a period of five minutes is evaluated every minute', async () => {
    await using world = await World.open();
    await put(world, { periodSeconds: 300, treatMissingData: 'notBreaching' });
    await nextMinute(world);
    await nextMinute(world);
    // Six in one clock-aligned five minutes, six in the next, all within five minutes.
    world.clock.advance(2 * MINUTE_MS);
    await world.add([6]);
    world.clock.advance(MINUTE_MS);
    await world.add([6]);
    await becomes(world, 'ALARM');
  });

  test('a period of ten seconds is evaluated every ten seconds', async () => {
    await using world = await World.open();
    await put(world, { periodSeconds: 10, statistic: 'Average', treatMissingData: 'notBreaching' });
    await world.add([100], world.clock.now(), { highResolution: true });
    world.clock.advance(10_000 + cloudWatchLimits.alarmEvaluationDelayMs);
    await world.watch.settled();
    assert.equal(stateOf(world), 'ALARM');
  });

  test('a state set by hand lasts until the next evaluation', async () => {
    await using world = await World.open();
    await put(world);
    await world.add([1]);
    await nextMinute(world);
    await world.alarms.setState(NAME, { value: 'ALARM', reason: 'testing' });
    assert.equal(stateOf(world), 'ALARM');
    await world.until(() => world.targets.published.length === 1, 'the topic is told');
    await world.add([1]);
    await nextMinute(world);
    assert.equal(stateOf(world), 'OK');
  });

  test('with disabled actions it changes its state without notifying', async () => {
    await using world = await World.open();
    await put(world, { actionsEnabled: false });
    await world.add([11]);
    await becomes(world, 'ALARM');
    await world.watch.settled();
    assert.deepEqual(world.targets.published, []);
    assert.equal(
      world.engine.catalog.table<QueueRow>('queue.queues').get('cloudwatch.alarm-actions')?.waiting,
      0,
    );
  });

  test('state and configuration survive a restart, and a new configuration keeps the state', async () => {
    const world = await World.open();
    await put(world);
    await world.add([11]);
    await becomes(world, 'ALARM');
    await using again = await world.reopened();
    assert.equal(stateOf(again), 'ALARM');
    await put(again, { threshold: 1000 });
    assert.equal(stateOf(again), 'ALARM');
    assert.equal(again.alarms.get(NAME)?.threshold, 1000);
  });
});
