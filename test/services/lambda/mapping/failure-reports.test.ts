import { needsNothing, noFunctions, unlimited } from '../../../support/unlimited.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Targets, type TargetEvent } from '../../../../src/aws/targets.ts';
import { MetricRegistry } from '../../../../src/metrics.ts';
import { MappingMetrics } from '../../../../src/services/lambda/function-metrics.ts';
import { lambdaLimits } from '../../../../src/services/lambda/limits.ts';
import { openFailureReports } from '../../../../src/services/lambda/mapping/failure-reports.ts';
import { ManualClock } from '../../../../src/support/clock.ts';
import { clock, emptyDisk, openStore } from '../../../engine/embedded/store.ts';
import { logTo, silentLog } from '../../../../src/support/log.ts';
import { until } from '../../../support/until.ts';

const DESTINATION = 'arn:aws:sns:us-east-1:000000000000:failures';
const info = {
  destination: DESTINATION,
  mapping: 'm',
  functionArn: 'f',
  shard: 'shardId-000000000000',
  condition: 'RetryAttemptsExhausted',
  records: 2,
  from: '1',
  to: '2',
};
const report = { subject: 's', message: 'm', object: { key: 'k', body: 'b' } };
const metrics = new MappingMetrics(new MetricRegistry());
const never = new AbortController().signal;

const isGivenUp = (line: string): boolean => line.includes('it was discarded after its last attempt');

function targetsOf(deliver: (event: TargetEvent) => Promise<void>): Targets {
  const targets = new Targets(unlimited);
  targets.register('sns', {
    accepts: () => true,
    needs: needsNothing,
    deliver: (_arn, event) => deliver(event),
  });
  return targets;
}

test('a report not delivered before the server stopped is delivered by the next run', async () => {
  const disk = emptyDisk();
  const engine = await openStore(disk);
  const log = silentLog;
  const away = targetsOf(() => Promise.reject(new Error('away')));
  const reports = await openFailureReports({
    functions: noFunctions,
    engine,
    targets: away,
    metrics,
    clock,
    log,
  });
  reports.start();
  await reports.send(info, report, never);
  await reports.close();
  await engine.close();

  const next = await openStore(disk);
  const delivered: TargetEvent[] = [];
  const targets = targetsOf(async (event) => void delivered.push(event));
  const again = await openFailureReports({
    functions: noFunctions,
    engine: next,
    targets,
    metrics,
    clock,
    log,
  });
  again.start();
  await until(() => {
    clock.advance(lambdaLimits.mappingRetryMsMax);
    return delivered.length === 1;
  });
  assert.deepEqual(delivered, [report]);
  await again.close();
  await next.close();
});

test('a report whose destination stays unavailable is discarded, and the log says which records it was about', async () => {
  const engine = await openStore(emptyDisk());
  const ownClock = new ManualClock(clock.now());
  let attempts = 0;
  const targets = targetsOf(() => {
    attempts++;
    return Promise.reject(new Error('away'));
  });
  const lines: string[] = [];
  const log = logTo({ write: (line) => void lines.push(line) }, 'debug');
  const reports = await openFailureReports({
    functions: noFunctions,
    engine,
    targets,
    metrics,
    clock: ownClock,
    log,
  });
  reports.start();
  await reports.send(info, report, never);
  await until(() => {
    ownClock.advance(lambdaLimits.mappingRetryMsMax);
    return lines.some(isGivenUp);
  });
  assert.equal(attempts, lambdaLimits.targetAttemptsMax);
  // A line of the server's own log.
  const line = JSON.parse(lines.find(isGivenUp) ?? '') as Record<string, unknown>;
  assert.deepEqual([line['from'], line['to'], line['destination']], ['1', '2', DESTINATION]);
  await reports.close();
  await engine.close();
});
