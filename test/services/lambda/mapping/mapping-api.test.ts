import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CreateMapping } from '../../../../src/services/lambda/mapping/mapping-input.ts';
import { until } from '../../../support/until.ts';
import { arn, create, input, setup, topic } from './setup.ts';

const arnOf = (name: string): string => arn.replace(/s$/, name);

describe('event source mappings', () => {
  test('are unique per stream and function', async (t) => {
    const { streams, mappings } = await setup(t);
    streams.create('s');
    const uuid = await create(mappings);
    await assert.rejects(mappings.create(input()), {
      code: 'ResourceConflictException',
      status: 409,
      message:
        `The event source arn (" ${arn} ") and function (" f ") provided mapping already exists. ` +
        `Please update or delete the existing mapping with UUID ${uuid}`,
    });
  });

  test('created concurrently are created once', async (t) => {
    const { streams, mappings } = await setup(t);
    streams.create('s');
    const created = await Promise.allSettled([mappings.create(input()), mappings.create(input())]);
    assert.deepEqual(created.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  const refused: [string, Partial<CreateMapping>, string][] = [
    ['an unknown stream', { EventSourceArn: `${arn}x` }, `Stream not found: ${arn}x`],
    ['an unknown function', { FunctionName: 'g' }, 'Function does not exist'],
    [
      'another kind of source',
      { EventSourceArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/s' },
      'as an event source yet',
    ],
    ['an unknown consumer', { EventSourceArn: `${arn}/consumer/c:1` }, 'Consumer not found'],
    [
      'tumbling windows of parallel batches',
      { TumblingWindowInSeconds: 10, ParallelizationFactor: 2 },
      'Tumbling windows are not supported with a ParallelizationFactor greater than 1.',
    ],
    ['tags of AWS', { Tags: { 'aws:a': 'b' } }, 'The tag key aws:a is reserved'],
    [
      'metrics of other sources',
      { MetricsConfig: { Metrics: ['KafkaMetrics'] } },
      'Unsupported MetricsConfig',
    ],
    ['a key of KMS', { KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k' }, 'not support KMSKeyArn yet'],
    [
      'provisioned pollers',
      { ProvisionedPollerConfig: { MinimumPollers: 1 } },
      'nagare does not support ProvisionedPollerConfig yet',
    ],
    [
      'a filter that is none',
      { FilterCriteria: { Filters: [{ Pattern: '{"a":1}' }] } },
      'Invalid filter pattern',
    ],
    ['too short an age', { MaximumRecordAgeInSeconds: 30 }, 'MaximumRecordAgeInSeconds'],
    [
      'a time to come',
      { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp: new Date(9e12) },
      'in the future',
    ],
    ['no time', { StartingPosition: 'AT_TIMESTAMP' }, 'StartingPositionTimestamp'],
    [
      'OnSuccess',
      { DestinationConfig: { OnSuccess: { Destination: topic } } },
      'Unsupported DestinationConfig',
    ],
    [
      'an unknown destination',
      { DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:us-east-1:000000000000:q' } } },
      'as a destination yet',
    ],
  ];
  for (const [what, more, message] of refused) {
    test(`refuse ${what}`, async (t) => {
      const { streams, mappings } = await setup(t);
      streams.create('s');
      await assert.rejects(mappings.create(input(more)), (error) => {
        assert.ok(error instanceof Error && 'code' in error);
        assert.equal(error.code, 'InvalidParameterValueException');
        assert.ok(error.message.includes(message), error.message);
        return true;
      });
      assert.equal(mappings.list({}).EventSourceMappings.length, 0);
    });
  }

  test('accept empty values of unsupported options', async (t) => {
    const { streams, mappings } = await setup(t);
    streams.create('s');
    await create(mappings, {
      TumblingWindowInSeconds: 0,
      DestinationConfig: { OnFailure: {} },
      FilterCriteria: { Filters: [] },
      FunctionResponseTypes: [],
      SourceAccessConfigurations: [],
      KMSKeyArn: '',
    });
  });

  test('are listed by stream and by function, in pages', async (t) => {
    const { streams, functions, mappings } = await setup(t);
    for (const name of ['a', 'b']) {
      streams.create(name);
      functions.set(name, () => undefined);
    }
    for (const stream of ['a', 'b']) {
      for (const name of ['a', 'b']) {
        await create(mappings, { EventSourceArn: arnOf(stream), FunctionName: name });
      }
    }
    assert.equal(mappings.list({ EventSourceArn: arnOf('a') }).EventSourceMappings.length, 2);
    const ofB = mappings.list({ FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:b' });
    assert.deepEqual(
      new Set(ofB.EventSourceMappings.map(({ FunctionArn: name }) => name?.split(':').at(-1))),
      new Set(['b']),
    );
    const found = new Set<string>();
    let marker: string | undefined;
    do {
      const page = mappings.list({ MaxItems: 3, ...(marker === undefined ? {} : { Marker: marker }) });
      for (const { UUID: uuid = '' } of page.EventSourceMappings) found.add(uuid);
      marker = page.NextMarker;
    } while (marker !== undefined);
    assert.equal(found.size, 4);
    assert.deepEqual(mappings.list({ FunctionName: 'nobody' }), { EventSourceMappings: [] });
    assert.throws(() => mappings.list({ Marker: '?' }), { code: 'InvalidParameterValueException' });
  });

  test('that do not exist are reported', async (t) => {
    const { mappings } = await setup(t);
    const uuid = '00000000-0000-4000-8000-000000000000';
    const unknown = {
      code: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    };
    assert.throws(() => mappings.get(uuid), unknown);
    await assert.rejects(mappings.update({ UUID: uuid }), unknown);
    await assert.rejects(mappings.delete(uuid), unknown);
  });

  test('declared twice exist once, and change when the declaration changes', async (t) => {
    const { streams, mappings } = await setup(t);
    streams.create('s');
    await mappings.declare(input({ EventSourceArn: 's' }));
    await mappings.declare(input({ EventSourceArn: 's' }));
    const [first] = mappings.list({}).EventSourceMappings;
    await mappings.declare(input({ EventSourceArn: arn, BatchSize: 5, Enabled: false }));
    const listed = mappings.list({}).EventSourceMappings;
    assert.equal(listed.length, 1);
    assert.equal(listed[0]?.UUID, first?.UUID);
    assert.equal(listed[0]?.BatchSize, 5);
    await until(() => mappings.get(first?.UUID ?? '').State === 'Disabled');
  });

  test('declared with invalid options are refused', async (t) => {
    const { streams, mappings } = await setup(t);
    await assert.rejects(mappings.declare(input({ EventSourceArn: 's' })), {
      message: 'Stream not found: s',
    });
    streams.create('s');
    await assert.rejects(mappings.declare(input({ EventSourceArn: 's', BatchSize: 20_000 })), {
      code: 'InvalidParameterValueException',
      message: /Value '20000' at 'batchSize' failed to satisfy constraint: Member must have value less than/,
    });
    assert.equal(mappings.list({}).EventSourceMappings.length, 0);
  });

  test('keep the options that an update does not name', async (t) => {
    const { streams, mappings } = await setup(t);
    streams.create('s');
    const uuid = await create(mappings, {
      BatchSize: 7,
      MaximumRetryAttempts: 3,
      DestinationConfig: { OnFailure: { Destination: topic } },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    const answer = await mappings.update({ UUID: uuid, MaximumBatchingWindowInSeconds: 2 });
    assert.equal(answer.State, 'Updating');
    assert.equal(answer.BatchSize, 7);
    assert.equal(answer.MaximumRetryAttempts, 3);
    assert.equal(answer.MaximumBatchingWindowInSeconds, 2);
    assert.equal(answer.DestinationConfig?.OnFailure?.Destination, topic);
    assert.deepEqual(answer.FunctionResponseTypes, ['ReportBatchItemFailures']);
    const cleared = await mappings.update({
      UUID: uuid,
      DestinationConfig: { OnFailure: {} },
      FunctionResponseTypes: [],
    });
    assert.deepEqual(cleared.DestinationConfig, { OnFailure: {} });
    assert.deepEqual(cleared.FunctionResponseTypes, []);
  });
});
