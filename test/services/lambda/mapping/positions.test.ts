import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lambdaLimits } from '../../../../src/services/lambda/limits.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { until } from '../../../support/until.ts';
import { texts } from './fake-functions.ts';
import { create, setup } from './setup.ts';

const START_MS = Date.UTC(2026, 10, 29, 12, 0, 0);

interface Final {
  readonly isFinalInvokeForWindow?: boolean;
  readonly state?: { readonly seen?: readonly string[] };
}

test('a rewind of one shard leaves the others where they are', async (t) => {
  const { streams, mappings, all } = await setup(t);
  const [left = '', right = ''] = streams.create('s', 2);
  streams.put('s', left, 'l1', 'l2');
  streams.put('s', right, 'r1');
  const uuid = await create(mappings);
  await until(() => all().length === 3);
  await mappings.rewind({ UUID: uuid, StartingPosition: 'TRIM_HORIZON', ShardId: left });
  await until(() => all().length === 5);
  assert.deepEqual(all().slice(3), ['l1', 'l2']);
  assert.equal(mappings.get(uuid).State, 'Enabled');
});

test('a rewind of a disabled mapping is kept until it is enabled, also across a restart', async (t) => {
  const setUp = await setup(t);
  const [shard = ''] = setUp.streams.create('s');
  const uuid = await create(setUp.mappings);
  setUp.streams.put('s', shard, 'a', 'b', 'c');
  await until(() => setUp.all().length === 3);
  await setUp.mappings.update({ UUID: uuid, Enabled: false });
  const SequenceNumber = String(10 ** 6 + 1);
  await setUp.mappings.rewind({ UUID: uuid, StartingPosition: 'AT_SEQUENCE_NUMBER', SequenceNumber });
  assert.equal(setUp.mappings.get(uuid).State, 'Disabled');
  await setUp.restart();
  await setUp.mappings.update({ UUID: uuid, Enabled: true });
  await until(() => setUp.all().length === 5);
  assert.deepEqual(setUp.all().slice(3), ['b', 'c']);
});

test('a rewind over a reshard reads the parent again before its children go on', async (t) => {
  const { streams, mappings, all } = await setup(t);
  const [shard = ''] = streams.create('s');
  streams.put('s', shard, 'parent');
  const [child = ''] = streams.split('s', shard);
  streams.put('s', child, 'child');
  const uuid = await create(mappings);
  await until(() => all().length === 2);
  await mappings.rewind({ UUID: uuid, StartingPosition: 'TRIM_HORIZON' });
  await until(() => all().length === 4);
  assert.deepEqual(all(), ['parent', 'child', 'parent', 'child']);
});

test('a rewind is refused without a shard for a sequence number, and for times to come', async (t) => {
  const { streams, mappings } = await setup(t);
  streams.create('s', 2);
  const uuid = await create(mappings);
  const rewind = { UUID: uuid, StartingPosition: 'AT_SEQUENCE_NUMBER', SequenceNumber: '1000000' } as const;
  await assert.rejects(mappings.rewind(rewind), { code: 'InvalidParameterValueException' });
  const later = {
    UUID: uuid,
    StartingPosition: 'AT_TIMESTAMP',
    StartingPositionTimestamp: new Date(9e12),
  } as const;
  await assert.rejects(mappings.rewind(later), { message: /must not be in the future/ });
  await assert.rejects(mappings.rewind({ ...rewind, UUID: 'none' }), { code: 'ResourceNotFoundException' });
});

test('a rewind discards the open window: its records count once in the next one', async (t) => {
  const clock = new ManualClock(START_MS);
  const finals: (readonly string[])[] = [];
  let seenRecords = 0;
  const { streams, mappings } = await setup(
    t,
    (event) => {
      const { isFinalInvokeForWindow: isFinal, state } = event as Final;
      seenRecords += event.Records.length;
      if (isFinal === true) finals.push(state?.seen ?? []);
      return { state: { seen: [...(state?.seen ?? []), ...texts(event)] } };
    },
    clock,
  );
  const [shard = ''] = streams.create('s');
  streams.put('s', shard, 'a', 'b');
  const uuid = await create(mappings, { TumblingWindowInSeconds: 60 });
  await until(() => seenRecords === 2);
  await mappings.rewind({ UUID: uuid, StartingPosition: 'TRIM_HORIZON' });
  await until(() => seenRecords === 4);
  clock.advance(60_000 + lambdaLimits.mappingWindowGraceMs);
  await until(() => finals.length === 1);
  assert.deepEqual(finals, [['a', 'b']]);
});

test('a skip gives up a final invocation that fails, and the shard goes on', async (t) => {
  const clock = new ManualClock(START_MS);
  let finals = 0;
  const { streams, mappings, all, batches } = await setup(
    t,
    (event) => {
      if ((event as Final).isFinalInvokeForWindow === true) {
        finals++;
        throw new Error('no');
      }
      batches.push(texts(event));
      return { state: {} };
    },
    clock,
  );
  const [shard = ''] = streams.create('s');
  const uuid = await create(mappings, { TumblingWindowInSeconds: 60 });
  streams.put('s', shard, 'a');
  await until(() => all().length === 1);
  clock.advance(60_000 + lambdaLimits.mappingWindowGraceMs);
  await until(async () => (await mappings.progress(uuid)).Shards[0]?.Blockages.length === 1);
  const skipped = await mappings.skip({ UUID: uuid });
  assert.deepEqual(
    skipped.map(({ records, window }) => [records, window]),
    [[0, '2026-11-29T12:00:00Z']],
  );
  streams.put('s', shard, 'b');
  await until(() => all().length === 2);
  assert.equal(finals, 1);
});
