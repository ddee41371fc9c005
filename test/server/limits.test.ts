import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { clientOptions } from '../support/client.ts';
import { declared } from '../support/declarations.ts';
import { startTestServer } from '../support/server.ts';

test('the limits in settings and of declared streams are enforced', async () => {
  const streams = {
    orders: { shardCount: 1 },
    slow: { shardCount: 1, limits: { shardWriteRecordsPerSecond: 2 } },
    free: { shardCount: 1, limits: { mode: 'none' as const } },
  };
  await using server = await startTestServer({
    limits: { mode: 'aws', shardWriteRecordsPerSecond: 5 },
    declarations: declared({ streams }),
  });
  const client = new KinesisClient(clientOptions(server.endpoint));
  const Records = Array.from({ length: 400 }, (_, i) => ({ PartitionKey: `${i}`, Data: Buffer.from('x') }));
  const stored = async (StreamName: string): Promise<number> => {
    const { FailedRecordCount = 0 } = await client.send(new PutRecordsCommand({ StreamName, Records }));
    return Records.length - FailedRecordCount;
  };
  // A call takes no second, however busy the machine: what comes in meanwhile is less than one bucket.
  const [orders, slow, free] = [await stored('orders'), await stored('slow'), await stored('free')];
  assert(orders >= 5 && orders < 10, `${orders}`);
  assert(slow >= 2 && slow < 4, `${slow}`);
  assert.equal(free, 400);
  client.destroy();
});
