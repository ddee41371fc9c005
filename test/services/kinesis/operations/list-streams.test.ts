import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListStreamsCommand } from '@aws-sdk/client-kinesis';
import { startKinesis } from '../support/server.ts';
import { ARN, createStream, refused } from '../support/streams.ts';

test('streams are listed by name, in pages, each with its summary', async () => {
  await using kinesis = await startKinesis();
  for (const name of ['b', 'a', 'c', 'B']) await createStream(kinesis.client, name);
  const list = (input: object) => kinesis.client.send(new ListStreamsCommand(input));

  const all = await list({});
  assert.deepEqual([all.StreamNames, all.HasMoreStreams], [['B', 'a', 'b', 'c'], false]);
  const [summary] = all.StreamSummaries ?? [];
  assert.equal(summary?.StreamARN, `${ARN}/B`);
  assert.equal(summary.StreamStatus, 'ACTIVE');

  const first = await list({ Limit: 3 });
  assert.deepEqual([first.StreamNames, first.HasMoreStreams], [['B', 'a', 'b'], true]);
  const byToken = await list({ NextToken: first.NextToken });
  assert.deepEqual([byToken.StreamNames, byToken.HasMoreStreams], [['c'], false]);
  const byName = await list({ ExclusiveStartStreamName: 'a', Limit: 1 });
  assert.deepEqual([byName.StreamNames, byName.HasMoreStreams], [['b'], true]);

  await refused(list({ NextToken: 'invented' }), 'InvalidArgumentException');
});
