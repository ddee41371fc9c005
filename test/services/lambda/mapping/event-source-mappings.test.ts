import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { until } from '../../../support/until.ts';
import { texts } from './fake-functions.ts';
import { arn, create, input, setup, topic } from './setup.ts';

describe('an event source mapping', () => {
  test('is returned as on AWS', async (t) => {
    const { streams, mappings } = await setup(t);
    streams.create('s');
    const { UUID: uuid, LastModified: modified, ...rest } = await mappings.create(input());
    assert.match(uuid ?? '', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.ok(modified !== undefined && Math.abs(modified.getTime() - Date.now()) < 60_000);
    assert.deepEqual(rest, {
      BatchSize: 100,
      BisectBatchOnFunctionError: false,
      DestinationConfig: { OnFailure: {} },
      EventSourceArn: arn,
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${uuid}`,
      FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      FunctionResponseTypes: [],
      LastProcessingResult: 'No records processed',
      MaximumBatchingWindowInSeconds: 0,
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: -1,
      ParallelizationFactor: 1,
      StartingPosition: 'TRIM_HORIZON',
      State: 'Creating',
      StateTransitionReason: 'User action',
      TumblingWindowInSeconds: 0,
    });
    await until(() => mappings.get(uuid ?? '').State === 'Enabled');
  });

  test('delivers all records of all shards, in order, in batches of at most BatchSize', async (t) => {
    const { streams, mappings, batches, all } = await setup(t);
    const shards = streams.create('s', 4);
    for (let index = 0; index < 100; index++)
      streams.put('s', shards[index % 4] ?? '', `${index % 4}=${index}`);
    const uuid = await create(mappings, { BatchSize: 7 });
    await until(() => all().length === 100);
    assert.ok(batches.every((batch) => batch.length <= 7));
    for (let shard = 0; shard < 4; shard++) {
      const of = all().filter((text) => text.startsWith(`${shard}=`));
      assert.deepEqual(
        of,
        Array.from({ length: 25 }, (_, index) => `${shard}=${shard + 4 * index}`),
      );
    }
    assert.ok(batches.every((batch) => new Set(batch.map((text) => text[0])).size === 1));
    await until(() => mappings.get(uuid).LastProcessingResult === 'OK');
  });

  test('never has two batches of a shard in progress', async (t) => {
    let running = 0;
    let most = 0;
    let count = 0;
    const { streams, mappings } = await setup(t, async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      count++;
    });
    const [shard = ''] = streams.create('s');
    await create(mappings, { BatchSize: 1 });
    for (let index = 0; index < 20; index++) streams.put('s', shard, `${index}`);
    await until(() => count === 20);
    assert.equal(most, 1);
  });

  test('retries a batch, before all others, until its function succeeds', async (t) => {
    const seen: string[] = [];
    const { streams, mappings } = await setup(t, (event) => {
      seen.push(texts(event).join(''));
      if (seen.length < 3) throw new Error('not yet');
    });
    const [shard = ''] = streams.create('s');
    const uuid = await create(mappings, { BatchSize: 2 });
    streams.put('s', shard, 'a', 'b');
    await until(() => seen.length === 1);
    streams.put('s', shard, 'c');
    await until(() => mappings.get(uuid).LastProcessingResult === 'PROBLEM: Function call failed');
    await until(() => seen.length === 4);
    assert.deepEqual(seen.slice(1), [seen[0], seen[0], seen[0] === 'a' ? 'bc' : 'c']);
    await until(() => mappings.get(uuid).LastProcessingResult === 'OK');
  });

  test('at LATEST gets records put after it was created, and none before', async (t) => {
    const { streams, mappings, all } = await setup(t);
    const [shard = ''] = streams.create('s');
    streams.put('s', shard, 'before');
    const answered = create(mappings, { StartingPosition: 'LATEST' });
    await answered;
    streams.put('s', shard, 'after');
    await until(() => all().length > 0);
    assert.deepEqual(all(), ['after']);
  });

  test('at LATEST reads a child from its beginning, even if it was split before the first read', async (t) => {
    const { streams, mappings, all } = await setup(t);
    const [shard = ''] = streams.create('s');
    streams.put('s', shard, 'before');
    await create(mappings, { StartingPosition: 'LATEST', Enabled: false });
    streams.put('s', shard, 'after');
    const [left = ''] = streams.split('s', shard);
    streams.put('s', left, 'in the child');
    const [{ UUID: uuid = '' } = {}] = mappings.list({}).EventSourceMappings;
    await mappings.update({ UUID: uuid, Enabled: true });
    await until(() => all().length === 2);
    assert.deepEqual(all(), ['after', 'in the child']);
  });

  test('at a timestamp starts with the first record that arrived then', async (t) => {
    const { streams, mappings, all } = await setup(t);
    const [shard = ''] = streams.create('s');
    streams.put('s', shard, 'before');
    const start = Date.now();
    await until(() => Date.now() > start + 1);
    const timestamp = new Date();
    streams.put('s', shard, 'after');
    await create(mappings, { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: timestamp });
    await until(() => all().length > 0);
    assert.deepEqual(all(), ['after']);
  });

  test('keeps its checkpoint while it is disabled', async (t) => {
    const { streams, mappings, all } = await setup(t);
    const [shard = ''] = streams.create('s');
    const uuid = await create(mappings);
    streams.put('s', shard, 'a');
    await until(() => all().length === 1);
    const { State: state } = await mappings.update({ UUID: uuid, Enabled: false });
    assert.equal(state, 'Disabling');
    await until(() => mappings.get(uuid).State === 'Disabled');
    streams.put('s', shard, 'b');
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(all(), ['a']);
    assert.equal((await mappings.update({ UUID: uuid, Enabled: true })).State, 'Enabling');
    await until(() => all().length === 2);
    assert.deepEqual(all(), ['a', 'b']);
  });

  test('continues at its checkpoint after a restart, with its options and its last result', async (t) => {
    const setUp = await setup(t);
    const { streams, all } = setUp;
    const [shard = ''] = streams.create('s');
    const uuid = await create(setUp.mappings, { BatchSize: 3 });
    streams.put('s', shard, 'a');
    await until(() => all().length === 1);
    await setUp.restart();
    assert.equal(setUp.mappings.get(uuid).BatchSize, 3);
    assert.equal(setUp.mappings.get(uuid).LastProcessingResult, 'OK');
    streams.put('s', shard, 'b');
    await until(() => all().length === 2);
    assert.deepEqual(all(), ['a', 'b']);
  });

  test('delivers again what was in progress when the server ended', async (t) => {
    // The function never answers in the first life, as if the process had been killed: nothing may count as done.
    let life = 1;
    const seen: string[] = [];
    const setUp = await setup(t, (event, { signal }) => {
      seen.push(`${life}${texts(event).join('')}`);
      if (life > 1) return undefined;
      return new Promise((_, reject) =>
        signal?.addEventListener('abort', () => reject(new Error('killed')), { once: true }),
      );
    });
    const [shard = ''] = setUp.streams.create('s');
    setUp.streams.put('s', shard, 'a', 'b');
    await create(setUp.mappings);
    await until(() => seen.length === 1);
    const restarting = setUp.restart();
    await until(() => seen.length === 1);
    life = 2;
    await restarting;
    await until(() => seen.length === 2);
    assert.deepEqual(seen, ['1ab', '2ab']);
  });

  test('follows a reshard: parents before children', async (t) => {
    const { streams, mappings, all } = await setup(t);
    const [shard = ''] = streams.create('s');
    await create(mappings, { BatchSize: 1 });
    streams.put('s', shard, '1', '2');
    const [left = '', right = ''] = streams.split('s', shard);
    streams.put('s', left, '3');
    streams.put('s', right, '3');
    streams.put('s', streams.merge('s', left, right), '4');
    await until(() => all().length === 5);
    assert.deepEqual(all(), ['1', '2', '3', '3', '4']);
  });

  test('waits for a window to fill its batch, but no longer once it is full', async (t) => {
    const { streams, mappings, batches } = await setup(t);
    const [shard = ''] = streams.create('s');
    const uuid = await create(mappings, { MaximumBatchingWindowInSeconds: 3, BatchSize: 3 });
    await until(() => mappings.get(uuid).State === 'Enabled');
    streams.put('s', shard, 'a');
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    streams.put('s', shard, 'b');
    await until(() => batches.length === 1);
    await mappings.update({ UUID: uuid, MaximumBatchingWindowInSeconds: 300 });
    streams.put('s', shard, 'c', 'd', 'e');
    await until(() => batches.length === 2);
    assert.deepEqual(batches, [
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
  });

  test("cuts a batch at Lambda's payload limit", async (t) => {
    const sizes: number[] = [];
    const { streams, mappings } = await setup(t, (event) => {
      sizes.push(JSON.stringify(event).length);
    });
    const [shard = ''] = streams.create('s');
    const megabyte = Buffer.alloc(1_000_000, 'x');
    for (let index = 0; index < 10; index++) streams.putRecord('s', shard, 'k', megabyte);
    await create(mappings);
    await until(() => sizes.length === 3);
    assert.ok(sizes.every((size) => size <= 6 * 1024 * 1024));
    assert.deepEqual(
      sizes.map((size) => Math.floor(size / 1_333_336)),
      [4, 4, 2],
    );
  });

  test('with a ParallelizationFactor keeps the order of each key, and continues beside a failing key', async (t) => {
    const seen = new Map<string, string[]>();
    let fail = true;
    const { streams, mappings } = await setup(t, (event) => {
      for (const text of texts(event)) {
        const [key = ''] = text.split('=');
        if (fail && key === 'bad') throw new Error('bad');
        seen.set(key, [...(seen.get(key) ?? []), text]);
      }
    });
    const [shard = ''] = streams.create('s');
    await create(mappings, { ParallelizationFactor: 10, BatchSize: 5 });
    const keys = ['bad', ...Array.from({ length: 20 }, (_, index) => `k${index}`)];
    for (let round = 0; round < 3; round++)
      for (const key of keys) streams.put('s', shard, `${key}=${round}`);
    await until(() => seen.size >= 15);
    assert.ok(!seen.has('bad'));
    fail = false;
    await until(() => [...seen.values()].flat().length === keys.length * 3);
    for (const key of keys) assert.deepEqual(seen.get(key), [`${key}=0`, `${key}=1`, `${key}=2`]);
  });

  test('delivers only records that match its filters, and skips the rest', async (t) => {
    const setUp = await setup(t);
    const { streams, all } = setUp;
    const [shard = ''] = streams.create('s');
    await create(setUp.mappings, { FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] } });
    streams.put('s', shard, 'a=1', 'b=2', 'a=3', 'b=4');
    await until(() => all().length === 2);
    assert.deepEqual(all(), ['a=1', 'a=3']);
  });

  test('reports discarded records', async (t) => {
    const { streams, mappings, reports } = await setup(t, () => {
      throw new Error('never');
    });
    const [shard = ''] = streams.create('s');
    const uuid = await create(mappings, {
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: topic } },
    });
    streams.put('s', shard, 'a');
    await until(() => reports.length === 1);
    const report: unknown = JSON.parse(reports[0]?.message ?? '');
    assert.ok(typeof report === 'object' && report !== null && 'requestContext' in report);
    const {
      requestContext,
      timestamp,
      KinesisBatchInfo: info,
      ...rest
    } = report as never as Record<string, Record<string, unknown>>;
    assert.deepEqual(rest, {
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
    });
    assert.equal(requestContext?.['condition'], 'RetryAttemptsExhausted');
    assert.equal(requestContext?.['approximateInvokeCount'], 2);
    assert.equal(info?.['batchSize'], 1);
    assert.equal(info?.['shardId'], shard);
    assert.ok(timestamp !== undefined);
    assert.ok(reports[0]?.object?.key.startsWith(`aws/lambda/${uuid}/${shard}/20`));
    assert.ok(reports[0]?.object?.body.includes('"payload":"{\\"Records\\"'));
  });

  test('of a registered consumer names it, and waits when it is deregistered', async (t) => {
    const sources = new Set<string>();
    const { streams, mappings } = await setup(t, ({ Records }) => {
      for (const { eventSourceARN } of Records) sources.add(eventSourceARN);
    });
    const consumer = `${arn}/consumer/c:1`;
    const [shard = ''] = streams.create('s');
    streams.consumers.add(consumer);
    const uuid = await create(mappings, { EventSourceArn: consumer });
    assert.equal(mappings.get(uuid).EventSourceArn, consumer);
    assert.equal(mappings.list({ EventSourceArn: consumer }).EventSourceMappings.length, 1);
    streams.put('s', shard, 'a');
    await until(() => sources.size === 1);
    assert.deepEqual([...sources], [consumer]);
    streams.consumers.delete(consumer);
    streams.put('s', shard, 'b');
    await until(() => mappings.get(uuid).LastProcessingResult === `PROBLEM: Consumer not found: ${consumer}`);
  });

  test('measures the age of the delivered records', async (t) => {
    const { streams, mappings, metrics, all } = await setup(t);
    const [shard = ''] = streams.create('s');
    await create(mappings);
    streams.put('s', shard, 'a');
    await until(() => all().length === 1);
    const [age] = [...metrics].filter(({ identity }) => identity.name === 'IteratorAge');
    assert.deepEqual(age?.identity, {
      namespace: 'AWS/Lambda',
      name: 'IteratorAge',
      unit: 'Milliseconds',
      dimensions: [{ name: 'FunctionName', value: 'f' }],
    });
    assert.equal(age?.sampleCount, 1);
  });

  test('is deleted with its checkpoint', async (t) => {
    const setUp = await setup(t);
    const { streams, mappings, all } = setUp;
    const [shard = ''] = streams.create('s');
    const uuid = await create(mappings);
    streams.put('s', shard, 'a');
    await until(() => all().length === 1);
    assert.equal((await mappings.delete(uuid)).State, 'Deleting');
    await until(() => mappings.list({}).EventSourceMappings.length === 0);
    await setUp.restart();
    assert.throws(() => setUp.mappings.get(uuid), { code: 'ResourceNotFoundException' });
    await create(setUp.mappings);
    await until(() => all().length === 2);
    assert.deepEqual(all(), ['a', 'a'], 'a new mapping of the two begins over');
  });
});
