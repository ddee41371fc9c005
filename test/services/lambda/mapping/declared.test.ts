import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkDeclared, declaredMapping } from '../../../../src/services/lambda/mapping/declared.ts';

const declaration = { stream: 's', startingPosition: 'TRIM_HORIZON', enabled: true } as const;
const request = {
  FunctionName: 'f',
  EventSourceArn: 's',
  StartingPosition: 'TRIM_HORIZON',
  Enabled: true,
};

describe('a declared mapping', () => {
  test('leaves to the defaults what it does not say', () => {
    assert.deepEqual(declaredMapping('f', declaration), request);
  });

  test('says in AWS form all that it says', () => {
    const declared = declaredMapping('f', {
      ...declaration,
      batchSize: 1,
      maximumBatchingWindowInSeconds: 2,
      parallelizationFactor: 3,
      maximumRetryAttempts: 0,
      maximumRecordAgeInSeconds: 60,
      bisectBatchOnFunctionError: false,
      functionResponseTypes: ['ReportBatchItemFailures'],
      filters: ['{}'],
      onFailure: 'arn:aws:s3:::b',
    });
    assert.deepEqual(declared, {
      ...request,
      BatchSize: 1,
      MaximumBatchingWindowInSeconds: 2,
      ParallelizationFactor: 3,
      MaximumRetryAttempts: 0,
      MaximumRecordAgeInSeconds: 60,
      BisectBatchOnFunctionError: false,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      FilterCriteria: { Filters: [{ Pattern: '{}' }] },
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::b' } },
    });
    const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/s';
    assert.doesNotThrow(() => checkDeclared({ ...declared, EventSourceArn: arn }));
    assert.throws(() => checkDeclared({ ...declared, EventSourceArn: arn, ParallelizationFactor: 11 }), {
      code: 'InvalidParameterValueException',
    });
  });
});
