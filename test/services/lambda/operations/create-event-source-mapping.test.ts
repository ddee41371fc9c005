import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CreateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { until } from '../../../support/until.ts';
import { setupClient } from '../mapping/client.ts';
import { arn } from '../mapping/setup.ts';

describe('CreateEventSourceMapping', () => {
  test('returns 202 and the mapping, which starts', async (t) => {
    const { client, streams, all } = await setupClient(t);
    const [shard = ''] = streams.create('s');
    streams.put('s', shard, 'a');
    const timestamp = new Date(1_700_000_000_000);
    const { $metadata: metadata, ...mapping } = await client.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'f:$LATEST',
        EventSourceArn: arn,
        StartingPosition: 'AT_TIMESTAMP',
        StartingPositionTimestamp: timestamp,
        FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] },
      }),
    );
    assert.equal(metadata.httpStatusCode, 202);
    assert.equal(mapping.FunctionArn, 'arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST');
    assert.equal(mapping.EventSourceArn, arn);
    assert.equal(mapping.State, 'Creating');
    assert.deepEqual(mapping.StartingPositionTimestamp, timestamp);
    assert.ok(mapping.LastModified instanceof Date);
    assert.deepEqual(mapping.FilterCriteria, { Filters: [{ Pattern: '{"partitionKey":["a"]}' }] });
    await until(() => all().length === 1);
  });

  test('refuses a second one for the stream and the function with 409', async (t) => {
    const { client, streams } = await setupClient(t);
    streams.create('s');
    const command = new CreateEventSourceMappingCommand({
      FunctionName: 'f',
      EventSourceArn: arn,
      StartingPosition: 'LATEST',
    });
    await client.send(command);
    await assert.rejects(client.send(command), (error: unknown) => {
      assert.ok(error instanceof Error && 'Type' in error && '$metadata' in error);
      assert.equal(error.name, 'ResourceConflictException');
      assert.equal(error.Type, 'User');
      assert.match(error.message, /^The event source arn \(" arn:aws:kinesis:.* "\) and function \(" f "\)/);
      return true;
    });
  });

  test('refuses a stream without a starting position, and invalid values', async (t) => {
    const { client, streams } = await setupClient(t);
    streams.create('s');
    const stream = { FunctionName: 'f', EventSourceArn: arn };
    await assert.rejects(client.send(new CreateEventSourceMappingCommand(stream)), {
      name: 'InvalidParameterValueException',
      message:
        "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    });
    for (const wrong of [
      { BatchSize: 0 },
      { BatchSize: 10_001 },
      { MaximumBatchingWindowInSeconds: 301 },
      { ParallelizationFactor: 11 },
      { MaximumRetryAttempts: -2 },
    ]) {
      const command = new CreateEventSourceMappingCommand({
        ...stream,
        ...wrong,
        StartingPosition: 'TRIM_HORIZON',
      });
      await assert.rejects(client.send(command), /validation error/, JSON.stringify(wrong));
    }
  });
});
