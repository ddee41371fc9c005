import { needsNothing, unlimited } from '../../../support/unlimited.ts';
import { type TargetEvent, Targets } from '../../../../src/aws/targets.ts';
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import type { TestContext } from 'node:test';
import { openEmbeddedEngine } from '../../../../src/engine/embedded/open.ts';
import { EventSourceMappings } from '../../../../src/services/lambda/mapping/event-source-mappings.ts';
import type { CreateMapping } from '../../../../src/services/lambda/mapping/mapping-input.ts';
import { openFailureReports } from '../../../../src/services/lambda/mapping/failure-reports.ts';
import { FunctionMetrics, MappingMetrics } from '../../../../src/services/lambda/function-metrics.ts';
import { MetricRegistry } from '../../../../src/metrics.ts';
import { systemClock, type Clock } from '../../../../src/support/clock.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { unrecordedWork } from '../../../../src/support/work-spans.ts';
import { noQueues } from '../../../support/no-queues.ts';
import { FakeStreams } from '../../../support/fake-streams.ts';
import { FakeFunctions, texts, type Handler } from './fake-functions.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

export const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
export const topic = 'arn:aws:sns:us-east-1:000000000000:failures';
export const input = (more: Partial<CreateMapping> = {}): CreateMapping => ({
  FunctionName: 'f',
  EventSourceArn: arn,
  StartingPosition: 'TRIM_HORIZON',
  ...more,
});

/** Mappings over streams and functions that the test plays, and an engine that is real. */
export async function setup(t: TestContext, handler?: Handler, clock: Clock = systemClock) {
  const folder = await temporaryFolder();
  const streams = new FakeStreams(() => clock.now());
  const functions = new FakeFunctions();
  const metrics = new MetricRegistry();
  const mappingMetrics = new MappingMetrics(metrics);
  const reports: TargetEvent[] = [];
  const targets = new Targets(unlimited);
  targets.register('sns', {
    accepts: (arn) => arn === topic,
    needs: needsNothing,
    deliver: async (_, report) => void reports.push(report),
  });
  const batches: string[][] = [];
  const open = async () => {
    const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog });
    const mappings = new EventSourceMappings({
      acting: unlimited,
      catalog: engine.catalog,
      tables: engine.tables,
      streams,
      queues: noQueues,
      functions,
      spans: unrecordedWork,
      targets,
      reports: await openFailureReports({
        functions,
        engine,
        targets,
        metrics: mappingMetrics,
        clock,
        log: silentLog,
      }),
      metrics: new FunctionMetrics(metrics),
      mappingMetrics,
      clock,
      log: silentLog,
      region: 'us-east-1',
      accountId: '000000000000',
    });
    mappings.start();
    return { engine, mappings };
  };
  let opened = await open();
  const close = async () => {
    await opened.mappings.close();
    await opened.engine.close();
  };
  functions.set('f', handler ?? ((event) => void batches.push(texts(event))));
  t.after(async () => {
    await close();
    await rm(folder, { recursive: true });
  });
  return {
    streams,
    functions,
    metrics,
    reports,
    batches,
    all: () => batches.flat(),
    get mappings() {
      return opened.mappings;
    },
    async restart() {
      await close();
      opened = await open();
    },
  };
}

export async function create(
  mappings: EventSourceMappings,
  more: Partial<CreateMapping> = {},
): Promise<string> {
  const { UUID: uuid } = await mappings.create(input(more));
  assert.ok(uuid !== undefined);
  return uuid;
}
