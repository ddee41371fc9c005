import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeAccountSettingsCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';

test('a new account has no commitment', async () => {
  await using kinesis = await startKinesis();
  const { MinimumThroughputBillingCommitment } = await kinesis.client.send(
    new DescribeAccountSettingsCommand({}),
  );
  assert.deepEqual(MinimumThroughputBillingCommitment, { Status: 'DISABLED' });
});
