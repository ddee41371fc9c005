import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { declaredMapping } from '../../../../src/services/lambda/declared/mapping.ts';
import { functionsSection } from '../../../../src/services/lambda/declared/section.ts';
import { declared } from '../../../support/declarations.ts';

/** The request that an event source of a function is read as. */
function mappingOf(eventSource: object) {
  const declarations = declared({ functions: { f: { path: './f.mjs', eventSources: [eventSource] } } });
  assert.deepEqual(declarations.problems, []);
  const source = declarations.entries(functionsSection)[0]?.value.own.eventSources[0];
  assert.ok(source);
  return declaredMapping('f', source, { region: 'us-east-1', accountId: '000000000000' });
}

const request = {
  FunctionName: 'f',
  EventSourceArn: 's',
  StartingPosition: 'TRIM_HORIZON',
};

describe('a declared mapping', () => {
  test("has the API's defaults", () => {
    assert.deepEqual(mappingOf({ stream: 's' }), request);
  });

  test('reads a queue, which has no position', () => {
    assert.deepEqual(mappingOf({ queue: 'jobs', scalingConfig: { maximumConcurrency: 5 } }), {
      FunctionName: 'f',
      EventSourceArn: 'arn:aws:sqs:us-east-1:000000000000:jobs',
      ScalingConfig: { MaximumConcurrency: 5 },
    });
    for (const source of [{}, { queue: 'jobs', stream: 's' }]) {
      assert.throws(() => mappingOf(source), /an event source is either a stream or a queue/);
    }
  });

  test('becomes the equivalent request', () => {
    const mapping = mappingOf({
      stream: 's',
      batchSize: 1,
      maximumBatchingWindowInSeconds: 2,
      parallelizationFactor: 3,
      maximumRetryAttempts: 0,
      maximumRecordAgeInSeconds: 60,
      bisectBatchOnFunctionError: false,
      functionResponseTypes: ['ReportBatchItemFailures'],
      startingPosition: 'AT_TIMESTAMP',
      startingPositionTimestamp: '2026-11-01T09:30:00Z',
      filters: ['{}'],
      onFailure: 'arn:aws:s3:::b',
      tumblingWindowInSeconds: 30,
      metricsConfig: { metrics: ['EventCount'] },
    });
    assert.deepEqual(mapping, {
      ...request,
      BatchSize: 1,
      MaximumBatchingWindowInSeconds: 2,
      ParallelizationFactor: 3,
      MaximumRetryAttempts: 0,
      MaximumRecordAgeInSeconds: 60,
      BisectBatchOnFunctionError: false,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      StartingPosition: 'AT_TIMESTAMP',
      StartingPositionTimestamp: new Date('2026-11-01T09:30:00Z'),
      FilterCriteria: { Filters: [{ Pattern: '{}' }] },
      TumblingWindowInSeconds: 30,
      MetricsConfig: { Metrics: ['EventCount'] },
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::b' } },
    });
  });
});
