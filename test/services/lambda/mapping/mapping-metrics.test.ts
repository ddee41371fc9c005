import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricRegistry } from '../../../../src/metrics.ts';
import { until } from '../../../support/until.ts';
import { texts } from './fake-functions.ts';
import { create, setup, topic } from './setup.ts';

function sums(metrics: MetricRegistry, uuid: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { identity, sum } of metrics) {
    const [dimension] = identity.dimensions;
    if (dimension?.name !== 'EventSourceMappingUUID' || dimension.value !== uuid) continue;
    assert.equal(identity.namespace, 'AWS/Lambda');
    found[identity.name] = (found[identity.name] ?? 0) + sum;
  }
  return found;
}

const eventCount = { MetricsConfig: { Metrics: ['EventCount' as const] } };

test('EventCount counts what a mapping reads, filters out, invokes with, and gives up', async (t) => {
  const { streams, mappings, metrics } = await setup(t, (event) => {
    if (texts(event).includes('{"a":"bad"}')) throw new Error('no');
  });
  const [shard = ''] = streams.create('s');
  streams.put('s', shard, '{"a":"good"}', '{"b":1}', '{"a":"bad"}');
  const uuid = await create(mappings, {
    ...eventCount,
    BatchSize: 1,
    MaximumRetryAttempts: 0,
    FilterCriteria: { Filters: [{ Pattern: '{"data":{"a":[{"exists":true}]}}' }] },
  });
  assert.deepEqual(mappings.get(uuid).MetricsConfig, { Metrics: ['EventCount'] });
  await until(() => sums(metrics, uuid)['DroppedEventCount'] === 1);
  assert.deepEqual(sums(metrics, uuid), {
    PolledEventCount: 3,
    FilteredOutEventCount: 1,
    InvokedEventCount: 2,
    FailedInvokeEventCount: 1,
    DroppedEventCount: 1,
  });
});

test('records whose report was delivered are not dropped', async (t) => {
  const { streams, mappings, metrics } = await setup(t, () => {
    throw new Error('no');
  });
  const [shard = ''] = streams.create('s');
  streams.put('s', shard, 'a', 'b');
  const uuid = await create(mappings, {
    ...eventCount,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: topic } },
  });
  await until(() => sums(metrics, uuid)['OnFailureDestinationDeliveredEventCount'] === 2);
  assert.deepEqual(sums(metrics, uuid), {
    PolledEventCount: 2,
    InvokedEventCount: 4,
    FailedInvokeEventCount: 4,
    OnFailureDestinationDeliveredEventCount: 2,
  });
});

test('a mapping without EventCount has no metrics, and they end with an update', async (t) => {
  const { streams, mappings, metrics, all } = await setup(t);
  const [shard = ''] = streams.create('s');
  const uuid = await create(mappings);
  assert.equal(mappings.get(uuid).MetricsConfig, undefined);
  streams.put('s', shard, 'a');
  await until(() => all().length === 1);
  assert.deepEqual(sums(metrics, uuid), {});
  await mappings.update({ UUID: uuid, ...eventCount });
  streams.put('s', shard, 'b');
  await until(() => sums(metrics, uuid)['InvokedEventCount'] === 1);
  await mappings.update({ UUID: uuid, MetricsConfig: { Metrics: [] } });
  streams.put('s', shard, 'c');
  await until(() => all().length === 3);
  assert.equal(sums(metrics, uuid)['InvokedEventCount'], 1);
  await mappings.delete(uuid);
  await until(() => Object.keys(sums(metrics, uuid)).length === 0);
});
