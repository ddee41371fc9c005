import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { lambdaLimits } from '../../../../src/services/lambda/limits.ts';
import type { CreateMapping } from '../../../../src/services/lambda/mapping/mapping-input.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { until } from '../../../support/until.ts';
import { texts, type FakeEvent } from './fake-functions.ts';
import { arn, create, setup, topic } from './setup.ts';

interface WindowEvent extends FakeEvent {
  readonly window: { readonly start: string; readonly end: string };
  readonly state: { readonly sum?: number; readonly seen?: readonly string[]; readonly padding?: string };
  readonly shardId: string;
  readonly eventSourceARN: string;
  readonly isFinalInvokeForWindow: boolean;
  readonly isWindowTerminatedEarly: boolean;
}

const START_MS = Date.UTC(2026, 10, 29, 12, 0, 0);
const shardOf = (number: number) => `shardId-00000000000${number}`;

/** Appends the records to the state. */
const aggregate = (event: WindowEvent) => ({
  state: { seen: [...(event.state.seen ?? []), ...texts(event)] },
});

/** A mapping in windows of a minute, on a clock that the test moves; `answer` may throw. */
async function windows(
  t: TestContext,
  answer: (event: WindowEvent) => unknown = aggregate,
  more: Partial<CreateMapping> = {},
) {
  const clock = new ManualClock(START_MS);
  const events: WindowEvent[] = [];
  const parts = await setup(
    t,
    (event) => {
      const inWindow = event as WindowEvent;
      events.push(inWindow);
      return answer(inWindow);
    },
    clock,
  );
  const [shard = ''] = parts.streams.create('s');
  const uuid = await create(parts.mappings, { TumblingWindowInSeconds: 60, ...more });
  return {
    parts,
    clock,
    events,
    uuid,
    shard,
    put: (...data: string[]) => parts.streams.put('s', shard, ...data),
    /** The states of the final invocations. */
    finals: () =>
      events.filter(({ isFinalInvokeForWindow: isFinal }) => isFinal).map(({ state }) => state.seen ?? []),
    /** Moves to the end of the window and past the time that it waits for late records. */
    pass: (seconds = 60) => clock.advance(seconds * 1000 + lambdaLimits.mappingWindowGraceMs),
  };
}

test('a window hands its state from one invocation to the next, and ends with one without records', async (t) => {
  const { events, put, pass, uuid, parts } = await windows(t);
  assert.equal(parts.mappings.get(uuid).TumblingWindowInSeconds, 60);
  put('a');
  await until(() => events.length === 1);
  put('b', 'c');
  await until(() => events.flatMap(texts).length === 3);
  pass();
  await until(() => events.at(-1)?.isFinalInvokeForWindow === true);
  const { Records: records, ...final } = events.at(-1) ?? assert.fail();
  assert.deepEqual(records, []);
  assert.deepEqual(final, {
    window: { start: '2026-11-29T12:00:00Z', end: '2026-11-29T12:01:00Z' },
    state: { seen: ['a', 'b', 'c'] },
    shardId: shardOf(0),
    eventSourceARN: arn,
    isFinalInvokeForWindow: true,
    isWindowTerminatedEarly: false,
  });
  assert.deepEqual(events[0]?.state, {});
  assert.deepEqual(Object.keys(events[0]), [
    'Records',
    'window',
    'state',
    'shardId',
    'eventSourceARN',
    'isFinalInvokeForWindow',
    'isWindowTerminatedEarly',
  ]);
  // The next window starts with a fresh state.
  put('d');
  await until(() => texts(events.at(-1) ?? assert.fail()).includes('d'));
  assert.deepEqual(events.at(-1)?.state, {});
  assert.equal(events.at(-1)?.window.start, '2026-11-29T12:01:00Z');
});

test('records of two windows are in two batches, with the final invocation between them', async (t) => {
  const { parts, clock, events, put, uuid } = await windows(t, aggregate, { Enabled: false });
  put('a', 'b');
  clock.advance(60_000);
  put('c');
  await parts.mappings.update({ UUID: uuid, Enabled: true });
  await until(() => events.length === 3);
  assert.deepEqual(
    events.map((event) => [event.isFinalInvokeForWindow, texts(event)]),
    [
      [false, ['a', 'b']],
      [true, []],
      [false, ['c']],
    ],
  );
});

test('a window goes on after a restart where its checkpoint is', async (t) => {
  const { parts, events, put, pass, finals } = await windows(t);
  put('a', 'b');
  await until(() => events.flatMap(texts).length === 2);
  await parts.restart();
  put('c');
  await until(() => events.flatMap(texts).length === 3);
  await parts.restart();
  pass();
  await until(() => finals().length === 1);
  assert.deepEqual(finals(), [['a', 'b', 'c']]);
});

test('a state of more than 1 MB ends its window early, which goes on with a fresh state', async (t) => {
  const { events, put, pass } = await windows(t, (event) =>
    texts(event).includes('big')
      ? { state: { seen: ['big'], padding: 'x'.repeat(lambdaLimits.mappingWindowStateBytesMax) } }
      : aggregate(event),
  );
  put('big');
  await until(() => events.at(-1)?.isFinalInvokeForWindow === true);
  assert.equal(events.at(-1)?.isWindowTerminatedEarly, true);
  assert.deepEqual(events.at(-1)?.state.seen, ['big']);
  put('small');
  await until(() => texts(events.at(-1) ?? assert.fail()).includes('small'));
  assert.deepEqual(events.at(-1)?.state, {});
  assert.equal(events.at(-1)?.window.start, '2026-11-29T12:00:00Z');
  pass();
  await until(() => events.at(-1)?.isFinalInvokeForWindow === true);
  assert.deepEqual(events.at(-1)?.state, { seen: ['small'] });
  assert.equal(events.at(-1)?.isWindowTerminatedEarly, false);
});

test('a state that is too large to keep is a failure', async (t) => {
  const { parts, clock, put, uuid } = await windows(
    t,
    () => ({ state: 'x'.repeat(lambdaLimits.mappingWindowLastStateBytesMax) }),
    { MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: topic } } },
  );
  put('a');
  await until(() => {
    clock.advance(100);
    return parts.reports.length === 1;
  });
  assert.equal(parts.mappings.get(uuid).LastProcessingResult, 'PROBLEM: Function call failed');
});

test('a batch that fails is retried with the same state, also in halves', async (t) => {
  let failures = 0;
  const { clock, events, put, pass, finals } = await windows(
    t,
    (event) => {
      if (texts(event).includes('bad') && texts(event).length > 1) {
        failures++;
        throw new Error('no');
      }
      return aggregate(event);
    },
    { BisectBatchOnFunctionError: true, Enabled: true },
  );
  put('good');
  await until(() => events.length === 1);
  put('a', 'bad', 'b', 'c');
  await until(() => {
    clock.advance(100);
    return events.flatMap(texts).includes('c') && events.at(-1)?.state.seen?.includes('bad') === true;
  });
  assert.ok(failures > 0);
  pass();
  await until(() => finals().length === 1);
  assert.deepEqual(finals(), [['good', 'a', 'bad', 'b', 'c']]);
});

test('a batch that is given up leaves the state as it was', async (t) => {
  const { clock, events, put, pass, finals, parts } = await windows(
    t,
    (event) => {
      if (texts(event).includes('bad')) throw new Error('no');
      return aggregate(event);
    },
    { MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: topic } } },
  );
  put('good');
  await until(() => events.length === 1);
  put('bad');
  await until(() => {
    clock.advance(100);
    return parts.reports.length === 1;
  });
  put('better');
  await until(() => events.flatMap(texts).includes('better'));
  pass();
  await until(() => finals().length === 1);
  assert.deepEqual(finals(), [['good', 'better']]);
});

test('with ReportBatchItemFailures the state covers the records before the failed one', async (t) => {
  let hasFailed = false;
  const { clock, events, put, pass, finals, parts, uuid } = await windows(
    t,
    (event) => {
      const bad = event.Records.find((_, index) => texts(event)[index] === 'bad');
      if (bad === undefined || hasFailed) return aggregate(event);
      hasFailed = true;
      const before = texts(event).slice(0, event.Records.indexOf(bad));
      return {
        state: { seen: [...(event.state.seen ?? []), ...before] },
        batchItemFailures: [{ itemIdentifier: bad.kinesis.sequenceNumber }],
      };
    },
    { FunctionResponseTypes: ['ReportBatchItemFailures'], Enabled: false },
  );
  put('a', 'b', 'bad', 'c');
  await parts.mappings.update({ UUID: uuid, Enabled: true });
  await until(() => {
    clock.advance(100);
    return events.length === 2;
  });
  pass();
  await until(() => finals().length === 1);
  assert.deepEqual(finals(), [['a', 'b', 'bad', 'c']]);
});

test('a function that returns no state has failed', async (t) => {
  let answers = 0;
  const { clock, events, put, parts, uuid } = await windows(t, (event) =>
    answers++ === 0 ? { batchItemFailures: [] } : aggregate(event),
  );
  put('a');
  await until(() => parts.mappings.get(uuid).LastProcessingResult === 'PROBLEM: Function call failed');
  await until(() => {
    clock.advance(100);
    return parts.mappings.get(uuid).LastProcessingResult === 'OK';
  });
  assert.deepEqual(events.map(texts), [['a'], ['a']]);
});

test('a final invocation that fails is made again, and nothing else meanwhile', async (t) => {
  let isDown = true;
  const { clock, events, put, pass, finals } = await windows(t, (event) => {
    if (event.isFinalInvokeForWindow && isDown) throw new Error('down');
    return aggregate(event);
  });
  put('a');
  await until(() => events.length === 1);
  pass();
  await until(() => finals().length === 1);
  put('b');
  await until(() => {
    clock.advance(100);
    return finals().length >= 3;
  });
  assert.ok(!events.flatMap(texts).includes('b'));
  isDown = false;
  await until(() => {
    clock.advance(lambdaLimits.mappingRetryMsMax);
    return events.flatMap(texts).includes('b');
  });
  const next = events.findIndex((event) => texts(event).includes('b'));
  assert.ok(
    events
      .slice(1, next)
      .every(({ isFinalInvokeForWindow, state }) => isFinalInvokeForWindow && state.seen?.join() === 'a'),
  );
});

test('the end of a shard ends its window, and its children begin afresh', async (t) => {
  const { parts, events, put, shard } = await windows(t);
  put('a');
  await until(() => events.length === 1);
  const [left = ''] = parts.streams.split('s', shard);
  parts.streams.put('s', left, 'b');
  await until(() => events.length === 3);
  assert.deepEqual(
    events.map((event) => [event.shardId, event.isFinalInvokeForWindow, event.state.seen ?? []]),
    [
      [shard, false, []],
      [shard, true, ['a']],
      [left, false, []],
    ],
  );
});

test('an update of TumblingWindowInSeconds ends the open window early', async (t) => {
  for (const seconds of [120, 0]) {
    const { parts, events, put, uuid } = await windows(t);
    put('a');
    await until(() => events.length === 1);
    await parts.mappings.update({ UUID: uuid, TumblingWindowInSeconds: seconds });
    await until(() => events.length === 2);
    const { isFinalInvokeForWindow: isFinal, isWindowTerminatedEarly: isEarly, state } = events[1] ?? {};
    assert.deepEqual([isFinal, isEarly, state], [true, true, { seen: ['a'] }]);
    put('b');
    await until(() => events.length === 3);
    assert.deepEqual(events[2]?.state, seconds === 0 ? undefined : {});
  }
});

test('records that no filter matches open no window', async (t) => {
  const { events, put, pass, parts, uuid } = await windows(t, aggregate, {
    FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["wanted"]}' }] },
  });
  put('other');
  pass();
  put('wanted');
  await until(() => events.length === 1);
  assert.deepEqual(events.map(texts), [['wanted']]);
  await parts.mappings.delete(uuid);
});
