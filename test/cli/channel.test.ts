import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateChannelCommand } from '@aws-sdk/client-kinesis';
import { ACCOUNT, BUCKET_ARN, ROLE, startChannels } from '../services/kinesis/support/channels.ts';
import { runCommand } from '../support/command.ts';

test('channels are listed, described and deleted by their names', async () => {
  await using channels = await startChannels();
  const run = (...args: string[]) =>
    runCommand(['channel', ...args, '--endpoint-url', channels.server.endpoint]);
  assert.equal((await run('ls')).output, '');
  await channels.client.send(
    new CreateChannelCommand({
      ChannelName: 'archive',
      ServiceExecutionRoleARN: ROLE,
      StreamConfigurationList: [
        {
          StreamARN: `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/orders`,
          RecordConfiguration: { RecordFormatType: 'STRING' },
        },
      ],
      S3DestinationConfiguration: {
        StorageConfiguration: {
          BucketARN: BUCKET_ARN,
          ExpectedBucketOwner: ACCOUNT,
          CompressionType: 'NONE',
        },
      },
    }),
  );
  assert.match((await run('ls')).output, /^archive\torders\tS3\tACTIVE\t\d{4}-\d\d-\d\dT[\d:.]+Z\t-\n$/);
  const described = JSON.parse((await run('info', 'archive', '--json')).output) as object;
  assert.partialDeepStrictEqual(described, { ChannelName: 'archive', ChannelStatus: 'ACTIVE' });
  const asked = await run('rm', 'archive');
  assert.equal(asked.code, 2);
  assert.match(asked.errors, /^nagare: this deletes the channel archive: records .* never are\n/);
  assert.equal((await run('rm', 'archive', '--yes')).output, 'archive is deleted\n');
  const gone = await run('info', 'archive');
  assert.deepEqual(
    [gone.code, gone.errors],
    [4, 'nagare: there is no channel archive\n  try: nagare channel ls\n'],
  );
});
