import { test } from 'node:test';
import { GetResourcePolicyCommand } from '@aws-sdk/client-kinesis';
import { twoResources } from '../support/resources.ts';
import { startKinesis } from '../support/server.ts';
import { ARN, refused } from '../support/streams.ts';

test('what has no policy, or is not there, is told', async () => {
  await using kinesis = await startKinesis();
  for (const ResourceARN of await twoResources(kinesis.client)) {
    await refused(
      kinesis.client.send(new GetResourcePolicyCommand({ ResourceARN })),
      'ResourceNotFoundException',
      `No resource policy found for resource ARN ${ResourceARN}`,
    );
  }
  await refused(
    kinesis.client.send(new GetResourcePolicyCommand({ ResourceARN: `${ARN}/no` })),
    'ResourceNotFoundException',
    'Stream no under account 000000000000 not found.',
  );
});
