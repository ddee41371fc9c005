import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeAccountSettingsCommand,
  type KinesisClient,
  UpdateAccountSettingsCommand,
} from '@aws-sdk/client-kinesis';
import { ManualClock } from '../../../../src/support/clock.ts';
import { startKinesis } from '../support/server.ts';

const START = 1_790_000_000_000;
const DAY = 24 * 3_600_000;

async function set(client: KinesisClient, Status: 'ENABLED' | 'DISABLED') {
  const answer = await client.send(
    new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment: { Status } }),
  );
  return answer.MinimumThroughputBillingCommitment;
}

test('an ended commitment continues until it has lasted a day', async () => {
  const clock = new ManualClock(START);
  await using kinesis = await startKinesis({ clock });
  const dates = { StartedAt: new Date(START), EarliestAllowedEndAt: new Date(START + DAY) };
  assert.deepEqual(await set(kinesis.client, 'ENABLED'), { Status: 'ENABLED', ...dates });
  clock.advance(1000);
  const ending = { Status: 'ENABLED_UNTIL_EARLIEST_ALLOWED_END', ...dates };
  assert.deepEqual(await set(kinesis.client, 'DISABLED'), ending);
  await kinesis.restart();
  clock.advance(DAY);
  const { MinimumThroughputBillingCommitment } = await kinesis.client.send(
    new DescribeAccountSettingsCommand({}),
  );
  assert.deepEqual(MinimumThroughputBillingCommitment, {
    Status: 'DISABLED',
    StartedAt: new Date(START),
    EndedAt: new Date(START + DAY),
  });
  assert.equal((await set(kinesis.client, 'ENABLED'))?.StartedAt?.getTime(), START + DAY + 1000);
});

test('ending a commitment that never started changes nothing', async () => {
  await using kinesis = await startKinesis();
  assert.deepEqual(await set(kinesis.client, 'DISABLED'), { Status: 'DISABLED' });
});
