import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorkSpans } from '../../src/support/work-spans.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { FakeStore } from '../support/fake-store.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { until } from '../support/until.ts';
import { deliver, openCatalog, specOf } from './world.ts';

test('each attempt has a span, which says what was delivered, or why nothing was', async () => {
  const clock = new ManualClock(1_000_000);
  const streams = new FakeStreams(() => clock.now());
  const [shardId = ''] = streams.create('s', 1);
  const store = new FakeStore(0);
  await using opened = await openCatalog(clock);
  const ended: unknown[] = [];
  const spans: WorkSpans = {
    beginOnRecords: ({ streamArn, records }) =>
      Promise.resolve({
        trace: { traceId: 'a', spanId: 'b', isSampled: true },
        end: (attributes, failure) =>
          ended.push([streamArn, records.length, attributes['nagare.delivery.bytes'], failure]),
      }),
    begin: () => undefined,
    newTrace: () => undefined,
  };
  const parts = { catalog: opened.catalog, store, clock, spans };
  const delivery = deliver(specOf(streams, { freshnessMs: 0 }), parts);
  store.fate = () => (ended.length === 0 ? 'lost before' : 'well');
  streams.put('s', shardId, 'secret');
  await until(() => ended.length === 1);
  await until(() => {
    clock.advance(60_000);
    return ended.length === 2;
  });
  const arn = streams.describe('s')?.arn;
  assert.deepEqual(ended, [
    [arn, 1, undefined, 'Error'],
    [arn, 1, 7, undefined],
  ]);
  await delivery.close();
});
