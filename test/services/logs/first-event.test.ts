import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import type { LogsContext } from '../../../src/services/logs/context.ts';
import { logsLimits } from '../../../src/services/logs/limits.ts';
import { LiveTails } from '../../../src/services/logs/live-tail.ts';
import { LogStore } from '../../../src/services/logs/log-store.ts';
import { deleteLogGroup } from '../../../src/services/logs/operations/delete-log-group.ts';
import { describeLogGroups } from '../../../src/services/logs/operations/describe-log-groups.ts';
import { describeLogStreams } from '../../../src/services/logs/operations/describe-log-streams.ts';
import { filterLogEvents } from '../../../src/services/logs/operations/filter-log-events.ts';
import { getLogEvents } from '../../../src/services/logs/operations/get-log-events.ts';
import { listTagsLogGroup } from '../../../src/services/logs/operations/list-tags-log-group.ts';
import { putRetentionPolicy } from '../../../src/services/logs/operations/put-retention-policy.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { ConcurrencyLimit } from '../../../src/support/concurrency-limit.ts';
import { unfenced } from '../../../src/support/fence.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function open(t: TestContext): Promise<LogsContext> {
  const folder = await temporaryFolder();
  const engine = await openEmbeddedEngine({
    folder: join(folder, 'engine'),
    clock: systemClock,
    log: silentLog,
  });
  const logs = await LogStore.open({
    folder: join(folder, 'logs'),
    engine,
    clock: systemClock,
    fence: unfenced,
    metrics: new MetricRegistry(),
    log: silentLog,
  });
  t.after(async () => {
    await logs.close();
    await engine.close();
  });
  return {
    logs,
    tails: new LiveTails(systemClock),
    reads: new ConcurrencyLimit(logsLimits.readsAtOnceMax),
    clock: systemClock,
    region: 'us-east-1',
    accountId: '000000000000',
  };
}

// An invocation is answered before the group that its output creates is stored: who asked at once was told that there
// is no such group.
test('the log group of a first event is there for each request that follows it', async (t) => {
  const context = await open(t);
  const name = '/aws/lambda/f';
  const requests: Readonly<Record<string, () => Promise<unknown>>> = {
    FilterLogEvents: async () => (await filterLogEvents(context, { logGroupName: name })).events?.length,
    GetLogEvents: async () =>
      (await getLogEvents(context, { logGroupName: name, logStreamName: 's' })).events?.length,
    DescribeLogStreams: async () =>
      (await describeLogStreams(context, { logGroupName: name })).logStreams?.length,
    DescribeLogGroups: async () => (await describeLogGroups(context, {})).logGroups?.length,
    ListTagsLogGroup: async () => ((await listTagsLogGroup(context, { logGroupName: name })).tags ? 1 : 0),
    PutRetentionPolicy: async () => {
      await putRetentionPolicy(context, { logGroupName: name, retentionInDays: 1 });
      return 1;
    },
  };
  for (const [operation, request] of Object.entries(requests)) {
    context.logs.named(name).append({ stream: 's', timestampMs: Date.now(), message: 'first' });
    assert.equal(await request(), 1, operation);
    await deleteLogGroup(context, { logGroupName: name });
  }
  context.logs.named(name).append({ stream: 's', timestampMs: Date.now(), message: 'last' });
  await deleteLogGroup(context, { logGroupName: name });
  assert.deepEqual([...context.logs.rows()], []);
  await assert.rejects(filterLogEvents(context, { logGroupName: name }), {
    code: 'ResourceNotFoundException',
  });
});
