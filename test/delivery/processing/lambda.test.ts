import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ServiceError } from '../../../src/errors.ts';
import { FunctionsClosedError } from '../../../src/services/lambda/functions.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import {
  FakeFunctions,
  Observed,
  type FirehoseEvent,
  type Handler,
  processor,
  query,
  record,
  run,
} from './support.ts';

const info = { dynamicPartitioning: false, partitionKeys: [] };
const lambda = (parameters: Readonly<Record<string, string>> = {}) =>
  processor('Lambda', { LambdaArn: 'arn:aws:lambda:us-east-1:0:function:f', ...parameters });
const encode = (text: string) => Buffer.from(text).toString('base64');
const decode = (text: string) => Buffer.from(text, 'base64').toString();

type Answer = Readonly<Record<string, unknown>>;

/** A function that answers for each record. */
const each =
  (answer: (text: string, recordId: string) => Answer): Handler =>
  ({ records }) => ({
    records: records.map(({ recordId, data }) => ({ recordId, ...answer(decode(data), recordId) })),
  });

const upper = each((text) => ({ result: 'Ok', data: encode(text.toUpperCase()) }));

/** Moves the clock until the run ends. */
async function settled<T>(clock: ManualClock, run: Promise<T>): Promise<T> {
  const state = { done: false };
  void run.finally(() => (state.done = true)).catch(() => undefined);
  while (!state.done) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(60_000);
  }
  return run;
}

interface Attempt {
  readonly parameters?: Readonly<Record<string, string>>;
  /** Time passes while the function works. */
  readonly passes?: boolean;
}

async function attempt(
  texts: readonly string[],
  handler: Handler,
  { parameters = {}, passes = true }: Attempt = {},
) {
  const clock = new ManualClock();
  const functions = new FakeFunctions(handler);
  const records = texts.map((text, at) => record(text, at));
  const made = run({ processors: [lambda(parameters)], info, records, functions, clock });
  return { ...(await (passes ? settled(clock, made) : made)), functions };
}

suite('a function', () => {
  test("receives records in Firehose's form", async () => {
    const functions = new FakeFunctions(upper);
    const one = { ...record('a'), subSequenceNumber: 7 };
    const sourceStreamArn = 'arn:aws:kinesis:us-east-1:0:stream/s';
    await run({ processors: [lambda()], info, records: [one], functions, sourceStreamArn });
    const { invocationId, ...event } = functions.events[0] as FirehoseEvent;
    assert.match(invocationId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(event, {
      deliveryStreamArn: 'arn:aws:firehose:us-east-1:0:deliverystream/d',
      sourceKinesisStreamArn: sourceStreamArn,
      region: 'us-east-1',
      records: [
        {
          recordId: `${one.sequenceNumber}000007`,
          approximateArrivalTimestamp: one.arrivalMs,
          data: encode('a'),
          kinesisRecordMetadata: {
            sequenceNumber: one.sequenceNumber,
            subsequenceNumber: 7,
            partitionKey: 'key',
            shardId: one.shardId,
            approximateArrivalTimestamp: one.arrivalMs,
          },
        },
      ],
    });
  });

  test('receives no stream metadata for direct puts', async () => {
    const { functions } = await attempt(['a'], upper);
    assert.equal(JSON.stringify(functions.events).includes('inesis'), false);
  });

  test('transforms, drops and refuses records, and keeps their order', async () => {
    const { texts, refused, processing } = await attempt(
      ['one', 'drop', 'fail', 'two'],
      each((text) => ({
        result: text === 'drop' ? 'Dropped' : text === 'fail' ? 'ProcessingFailed' : 'Ok',
        data: encode(`<${text}>`),
      })),
    );
    assert.equal(processing.mayVary, true);
    assert.deepEqual(texts, ['<one>', '<two>']);
    assert.deepEqual(refused, [
      {
        text: 'fail',
        errorCode: 'Lambda.ProcessingFailedStatus',
        errorMessage: 'ProcessingFailed status set for record',
        outputType: 'processing-failed',
        attempts: 1,
      },
    ]);
  });

  test('refuses what it returns beyond the limit for records that are delivered together', async () => {
    const large = encode('x'.repeat(4 * 1024 * 1024));
    const { texts, refused } = await attempt(
      Array.from({ length: 70 }, () => 'y'.repeat(200 * 1024)),
      each(() => ({ result: 'Ok', data: large })),
      { parameters: { BufferSizeInMBs: '0.2', BufferIntervalInSeconds: '60' } },
    );
    assert.equal(texts.length, 64);
    assert.deepEqual([...new Set(refused.map(({ errorCode }) => errorCode))], ['Lambda.ResponseTooLarge']);
  });

  // Codes and messages as recorded on AWS.
  const wrong: readonly (readonly [string, Handler, string])[] = [
    ['no record', () => ({ records: [] }), 'Lambda.MissingRecordId'],
    ['no list of records', () => ({}), 'Lambda.MissingRecordId'],
    ['null', () => null, 'Lambda.MissingRecordId'],
    ['no JSON', () => '{"records":', 'Lambda.JsonProcessingException'],
    ['other ids', each(() => ({ recordId: 'other', result: 'Ok', data: '' })), 'Lambda.MissingRecordId'],
    [
      'ids twice',
      ({ records }) => ({ records: [...records, ...records].map((one) => ({ ...one, result: 'Ok' })) }),
      'Lambda.DuplicatedRecordId',
    ],
    ['an unknown result', each(() => ({ result: 'ok', data: '' })), 'Lambda.FunctionError'],
    ['no data', each(() => ({ result: 'Ok' })), 'Lambda.FunctionError'],
    ['data that is not base64', each(() => ({ result: 'Ok', data: 'a!' })), 'Lambda.FunctionError'],
    [
      'keys that are no texts',
      each(() => ({ result: 'Ok', data: '', metadata: { partitionKeys: { k: {} } } })),
      'DynamicPartitioning.MetadataExtractionFailed',
    ],
    [
      'a table that is no text',
      each(() => ({ result: 'Ok', data: '', metadata: { otfMetadata: { destinationTableName: 1 } } })),
      'DynamicPartitioning.MetadataExtractionFailed',
    ],
  ];
  for (const [called, handler, errorCode] of wrong) {
    test(`that responds with ${called} is not retried, and its records are refused`, async () => {
      const { refused, texts, functions } = await attempt(['a', 'b'], handler);
      assert.deepEqual(texts, []);
      assert.deepEqual(
        refused.map((one) => [one.text, one.errorCode, one.attempts]),
        [
          ['a', errorCode, 1],
          ['b', errorCode, 1],
        ],
      );
      assert.equal(functions.events.length, 1);
    });
  }

  test('with an invalid result for one record refuses only that record', async () => {
    const { texts, refused } = await attempt(
      ['a', 'b', 'c'],
      each((text) => ({ result: text === 'b' ? '?' : 'Ok', data: encode(text) })),
    );
    assert.deepEqual(texts, ['a', 'c']);
    assert.deepEqual(
      refused.map(({ text }) => text),
      ['b'],
    );
  });

  test('that fails is retried with the same ids, NumberOfRetries times', async () => {
    for (const [parameters, attempts] of [
      [{}, 4],
      [{ NumberOfRetries: '0' }, 1],
      [{ NumberOfRetries: '2' }, 3],
    ] as const) {
      const { refused, functions } = await attempt(['a'], () => new Error('thrown'), { parameters });
      assert.equal(functions.events.length, attempts);
      assert.equal(new Set(functions.events.map(({ records }) => records[0]?.recordId)).size, 1);
      assert.equal(new Set(functions.events.map(({ invocationId }) => invocationId)).size, attempts);
      assert.deepEqual(refused[0], {
        text: 'a',
        errorCode: 'Lambda.FunctionError',
        errorMessage: 'The Lambda function was successfully invoked but it returned an error result.',
        outputType: 'processing-failed',
        attempts,
      });
    }
  });

  test('that fails once and then succeeds transforms the records', async () => {
    let failures = 2;
    const { texts } = await attempt(['a'], (event) => (failures-- > 0 ? new Error('not yet') : upper(event)));
    assert.deepEqual(texts, ['A']);
  });

  test('that is missing or throttled is retried, and then its records are refused', async () => {
    for (const [code, errorCode] of [
      ['ResourceNotFoundException', 'Lambda.ResourceNotFound'],
      ['TooManyRequestsException', 'Lambda.InvokeLimitExceeded'],
    ] as const) {
      const { refused, functions } = await attempt(['a'], () => {
        throw new ServiceError(code, 'no');
      });
      assert.deepEqual([refused[0]?.errorCode, refused[0]?.attempts], [errorCode, 4]);
      assert.equal(functions.events.length, 4);
    }
  });

  test('that does not respond within five minutes has failed', async () => {
    const { refused } = await attempt(['a'], () => new Promise(() => {}), {
      parameters: { NumberOfRetries: '1' },
    });
    assert.deepEqual([refused[0]?.errorCode, refused[0]?.attempts], ['Lambda.FunctionTimedOut', 2]);
  });

  test('that a server stop interrupts refuses no records', async () => {
    const made = attempt(['a'], () => {
      throw new FunctionsClosedError();
    });
    await assert.rejects(made, FunctionsClosedError);
  });

  test('that does not respond does not stop deliveries from closing', async () => {
    const stop = new AbortController();
    const functions = new FakeFunctions(() => {
      setImmediate(() => stop.abort());
      return new Promise(() => {});
    });
    const { signal } = stop;
    await assert.rejects(run({ processors: [lambda()], info, records: [record('a')], functions, signal }), {
      name: 'AbortError',
    });
  });

  test('that responds with more than 6 MB has failed', async () => {
    const { refused } = await attempt(
      ['a'],
      each(() => ({ result: 'Ok', data: 'A'.repeat(6 * 1024 * 1024) })),
      {
        parameters: { NumberOfRetries: '0' },
        passes: false,
      },
    );
    assert.equal(refused[0]?.errorCode, 'Lambda.FunctionError');
  });

  test('receives as many records as the buffer holds, and at most 6 MB', async () => {
    const large = Array.from({ length: 5 }, () => 'x'.repeat(600 * 1024));
    const parameters = { BufferSizeInMBs: '3', BufferIntervalInSeconds: '60' };
    const one = await attempt(large, upper, { passes: false });
    assert.deepEqual(
      one.functions.events.map(({ records }) => records.length),
      [1, 1, 1, 1, 1],
    );
    const three = await attempt(large, upper, { parameters, passes: false });
    assert.deepEqual(
      three.functions.events.map(({ records }) => records.length),
      [5],
    );
    const tiny = await attempt(
      Array.from({ length: 100_000 }, () => 'x'),
      upper,
      { parameters, passes: false },
    );
    assert.ok(tiny.functions.events.length > 1);
    assert.ok(Math.max(...tiny.functions.payloadBytes) <= 6 * 1024 * 1024);
    assert.equal(tiny.texts.length, 100_000);
  });

  test('is invoked at most five times concurrently, and records keep their order', async () => {
    let open = 0;
    let most = 0;
    const texts = Array.from({ length: 20 }, (_, at) => `${at}`.padEnd(700 * 1024, '.'));
    const { texts: made } = await attempt(
      texts,
      async (event) => {
        most = Math.max(most, ++open);
        // Later ones answer first.
        for (let turn = 0; turn < 20 - Number.parseInt(decode(event.records[0]?.data ?? ''), 10); turn++) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        open--;
        return upper(event);
      },
      { passes: false },
    );
    assert.equal(most, 5);
    assert.deepEqual(
      made.map((text) => Number.parseInt(text, 10)),
      Array.from({ length: 20 }, (_, at) => at),
    );
  });

  test('returns partition keys, and a query reads the transformed record', async () => {
    const functions = new FakeFunctions(
      each((text) => ({
        result: 'Ok',
        data: encode(`{"k":"${text}"}`),
        metadata: { partitionKeys: { customer: text, n: 1 } },
      })),
    );
    const { keys } = await run({
      processors: [query('{k: .k}'), lambda()],
      info: { partitionKeys: ['partitionKeyFromQuery:k', 'partitionKeyFromLambda:customer'] },
      records: [record('a')],
      functions,
    });
    assert.deepEqual(keys, [
      {
        'partitionKeyFromLambda:customer': 'a',
        'partitionKeyFromLambda:n': '1',
        'partitionKeyFromQuery:k': 'a',
      },
    ]);
  });

  test('names the table of a record', async () => {
    const otfMetadata = { destinationDatabaseName: 'db', destinationTableName: 't', operation: null };
    const { keys } = await run({
      processors: [lambda()],
      info: { partitionKeys: [] },
      records: [record('a')],
      functions: new FakeFunctions(each(() => ({ result: 'Ok', data: '', metadata: { otfMetadata } }))),
    });
    assert.deepEqual(keys, [
      { 'otfMetadata:destinationDatabaseName': 'db', 'otfMetadata:destinationTableName': 't' },
    ]);
  });

  test('counts invocations and passed-on records with their original size', async () => {
    const observer = new Observed();
    const functions = new FakeFunctions(
      each((text) => ({ result: text === 'drop' ? 'Dropped' : 'Ok', data: encode('longer than before') })),
    );
    await run({ processors: [lambda()], info, records: ['abc', 'drop'].map(record), functions, observer });
    assert.deepEqual(observer.calls, [
      ['executed', 0, true],
      ['transformed', 1, 3],
    ]);
  });
});
