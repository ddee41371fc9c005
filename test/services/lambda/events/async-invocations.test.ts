import { anyActor, needsNothing, noFunctions, unlimited } from '../../../support/unlimited.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Targets, type TargetEvent } from '../../../../src/aws/targets.ts';
import { MetricRegistry } from '../../../../src/metrics.ts';
import {
  AsyncInvocations,
  type AttemptResult,
} from '../../../../src/services/lambda/events/async-invocations.ts';
import { openDestinations } from '../../../../src/services/lambda/events/destinations-queue.ts';
import type { EventInvokeSettings } from '../../../../src/services/lambda/events/event-invoke-settings.ts';
import { FunctionMetrics } from '../../../../src/services/lambda/function-metrics.ts';
import { lambdaLimits } from '../../../../src/services/lambda/limits.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { unrecordedWork } from '../../../../src/support/work-spans.ts';
import { until } from '../../../support/until.ts';
import { clock as startOfTime, emptyDisk, openStore } from '../../../engine/embedded/store.ts';
import { AwaitedClock } from '../../../support/awaited-clock.ts';

const MINUTE = 60_000;
const topic = 'arn:aws:sns:us-east-1:000000000000:t';
const bucket = 'arn:aws:s3:::b';

interface Setup {
  readonly settings?: EventInvokeSettings;
  readonly deadLetters?: string;
  readonly attempt?: () => AttemptResult;
  readonly deliver?: () => Promise<void>;
  readonly disk?: ReturnType<typeof emptyDisk>;
}

const response = (payload: unknown, functionError?: 'Unhandled') => ({
  payload: Buffer.from(JSON.stringify(payload)),
  functionError,
  requestId: 'r',
  executedVersion: '$LATEST' as const,
  logTail: Buffer.alloc(0),
});
const failure = (): AttemptResult => ({
  type: 'failed',
  response: response({ errorMessage: 'no', errorType: 'Error' }, 'Unhandled'),
});
const success = (): AttemptResult => ({ type: 'succeeded', response: response({ answer: 42 }) });

/** Asynchronous invocations of a function that the test plays, on a clock that it moves. */
async function setup({ settings = {}, deadLetters, attempt = success, deliver, disk = emptyDisk() }: Setup) {
  const clock = new AwaitedClock(startOfTime.now());
  const beganMs = clock.now();
  const engine = await openStore(disk);
  const registry = new MetricRegistry();
  const metrics = new FunctionMetrics(registry);
  const delivered: [string, TargetEvent][] = [];
  const attemptsAtMs: number[] = [];
  const targets = new Targets(unlimited);
  for (const service of ['sns', 's3']) {
    targets.register(service, {
      accepts: () => true,
      needs: needsNothing,
      async deliver(arn, event) {
        await deliver?.();
        delivered.push([arn, event]);
      },
    });
  }
  const invocations = await AsyncInvocations.open({
    engine,
    clock,
    log: silentLog,
    spans: unrecordedWork,
    async attempt() {
      attemptsAtMs.push(clock.now() - beganMs);
      return attempt();
    },
    atOnceMax: () => 1,
    actorOf: () => anyActor,
    settingsOf: () => settings,
    deadLetterTargetOf: () => deadLetters,
    functionArn: (name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    destinations: await openDestinations({
      functions: noFunctions,
      engine,
      targets,
      metrics,
      clock,
      log: silentLog,
    }),
    metrics,
    retryDelayMs: lambdaLimits.asyncRetryDelayMs,
  });
  invocations.start();
  return {
    disk,
    clock,
    delivered,
    attemptsAtMs,
    invocations,
    message: (index: number): unknown => JSON.parse(delivered[index]?.[1].message ?? ''),
    send: (payload: unknown) =>
      invocations.accept('f', { requestId: 'r' }, Buffer.from(JSON.stringify(payload))),
    sum: (name: string) =>
      [...registry].filter(({ identity }) => identity.name === name).reduce((sum, one) => sum + one.sum, 0),
    async close() {
      await invocations.close();
      await engine.close();
    },
  };
}

test('a failing event is retried after one minute, and two minutes later', async () => {
  const parts = await setup({ attempt: failure, settings: { onFailure: topic }, deadLetters: topic });
  await parts.send({ n: 1 });
  for (const [count, minutes] of [
    [1, 1],
    [2, 2],
  ] as const) {
    await until(() => parts.attemptsAtMs.length === count);
    await parts.clock.untilScheduled(minutes * MINUTE);
    parts.clock.advance(minutes * MINUTE);
  }
  await until(() => parts.delivered.length === 2);
  assert.deepEqual(parts.attemptsAtMs, [0, MINUTE, 3 * MINUTE]);
  const record = parts.delivered.find(([, { attributes }]) => attributes === undefined);
  assert.deepEqual(JSON.parse(record?.[1].message ?? ''), {
    version: '1.0',
    timestamp: new Date(parts.clock.now()).toISOString(),
    requestContext: {
      requestId: 'r',
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: { n: 1 },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    responsePayload: { errorMessage: 'no', errorType: 'Error' },
  });
  const letter = parts.delivered.find(([, { attributes }]) => attributes !== undefined)?.[1];
  assert.equal(letter?.message, '{"n":1}');
  assert.deepEqual(letter.attributes, {
    RequestID: { type: 'String', value: 'r' },
    ErrorCode: { type: 'Number', value: '200' },
    ErrorMessage: { type: 'String', value: 'no' },
  });
  assert.equal(parts.sum('AsyncEventsDropped'), 1);
  assert.equal(parts.sum('AsyncEventAge'), MINUTE + 3 * MINUTE);
  await parts.close();
});

test('a successful event has a record for OnSuccess, and none for OnFailure', async () => {
  const parts = await setup({ settings: { onSuccess: topic, onFailure: bucket }, deadLetters: topic });
  await parts.send('in');
  await until(() => parts.delivered.length === 1);
  assert.equal(parts.delivered[0]?.[0], topic);
  assert.deepEqual(parts.message(0), {
    version: '1.0',
    timestamp: new Date(parts.clock.now()).toISOString(),
    requestContext: {
      requestId: 'r',
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST',
      condition: 'Success',
      approximateInvokeCount: 1,
    },
    requestPayload: 'in',
    responseContext: { statusCode: 200, executedVersion: '$LATEST' },
    responsePayload: { answer: 42 },
  });
  assert.equal(parts.sum('AsyncEventsDropped'), 0);
  await parts.close();
});

test('MaximumRetryAttempts 0 gives up after the first failure, and a bucket gets the record as an object', async () => {
  const parts = await setup({ attempt: failure, settings: { retriesMax: 0, onFailure: bucket } });
  await parts.send({});
  await until(() => parts.delivered.length === 1);
  assert.equal(parts.attemptsAtMs.length, 1);
  const { message, object } = parts.delivered[0]?.[1] ?? {};
  assert.equal(object?.body, message);
  assert.match(
    object?.key ?? '',
    /^aws\/lambda\/async\/f\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
  );
  await parts.close();
});

test('an event whose retry would be older than MaximumEventAgeInSeconds is given up', async () => {
  const parts = await setup({ attempt: failure, settings: { eventAgeSecondsMax: 100, onFailure: topic } });
  await parts.send({});
  await parts.clock.untilScheduled(MINUTE);
  await until(() => {
    parts.clock.advance(MINUTE / 4);
    return parts.delivered.length === 1;
  });
  assert.equal(parts.attemptsAtMs.length, 2);
  const { requestContext } = parts.message(0) as { readonly requestContext: Record<string, unknown> };
  assert.equal(requestContext['condition'], 'EventAgeExceeded');
  assert.equal(requestContext['approximateInvokeCount'], 2);
  await parts.close();
});

test('an event that could not begin for longer than its age is given up without a response', async () => {
  const parts = await setup({
    attempt: () => ({ type: 'notBegun' }),
    settings: { eventAgeSecondsMax: 60, onFailure: topic },
  });
  await parts.send({ n: 1 });
  await until(() => {
    parts.clock.advance(1_000);
    return parts.delivered.length === 1;
  });
  const record = parts.message(0) as Record<string, unknown>;
  assert.deepEqual(Object.keys(record), ['version', 'timestamp', 'requestContext', 'requestPayload']);
  assert.equal(parts.sum('AsyncEventsDropped'), 1);
  await parts.close();
});

test('a destination that fails is tried again, also after a restart, and counted', async () => {
  let isDown = true;
  const deliver = () => (isDown ? Promise.reject(new Error('down')) : Promise.resolve());
  const settings = { onSuccess: topic };
  const first = await setup({ settings, deliver });
  await first.send({ n: 1 });
  await until(() => first.sum('DestinationDeliveryFailures') > 0);
  assert.equal(first.sum('DeadLetterErrors'), 0);
  await first.close();
  isDown = false;
  const second = await setup({ settings, deliver, disk: first.disk });
  await until(() => {
    second.clock.advance(lambdaLimits.mappingRetryMsMax);
    return second.delivered.length === 1;
  });
  assert.equal(second.attemptsAtMs.length, 0);
  await second.close();
});
