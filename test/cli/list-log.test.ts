import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CreateStreamCommand, KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { until } from '../support/until.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let kinesis: KinesisClient;
let s3: S3Client;

before(async () => {
  server = await startTestServer();
  kinesis = new KinesisClient(clientOptions(server.endpoint));
  s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
});

after(async () => {
  kinesis.destroy();
  s3.destroy();
  await server.close();
});

function log(...args: string[]) {
  return runCommand(['list-log', ...args, '--endpoint', server.endpoint]);
}

async function textOf(bucket: string, key: string, lines: number): Promise<string> {
  return await until(
    async () => {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        const text = await Body?.transformToString();
        return text !== undefined && text.split('\n').length > lines && text;
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    { what: `${lines} lines` },
  );
}

test('log create connects a stream to an object, which gets its records as lines', async () => {
  await kinesis.send(new CreateStreamCommand({ StreamName: 'words', ShardCount: 1 }));
  const target = ['--bucket', 'archive', '--key', 'words.txt', '--format', '{message}'];
  const created = await log('create', 'all-words', '--stream', 'words', ...target);
  assert.equal(created.errors, '');
  assert.equal(
    created.output,
    'all-words: writing each record of words as a line of s3://archive/words.txt\n',
  );
  for (const message of ['a', 'b', 'c']) {
    await kinesis.send(
      new PutRecordCommand({
        StreamName: 'words',
        PartitionKey: '1',
        Data: new TextEncoder().encode(JSON.stringify({ message })),
      }),
    );
  }
  assert.equal(await textOf('archive', 'words.txt', 3), 'a\nb\nc\n');
});

test('log list and describe show the progress', async () => {
  const listed = await log('list');
  assert.match(listed.output, /^all-words\t\S*words\ts3:\/\/archive\/words\.txt\tACTIVE\t3\n$/);
  const described = await log('describe', 'all-words', '--json');
  const description = JSON.parse(described.output) as { Lines: number; Key: string };
  assert.equal(description.Lines, 3);
  assert.equal(description.Key, 'words.txt');
});

test('an error of the server is printed, with the exit code of its kind', async () => {
  const unknown = await log('describe', 'nothing');
  assert.equal(unknown.code, 4);
  assert.match(unknown.errors, /^nagare: ResourceNotFoundException: .*nothing/);
  const format = await log(
    'create',
    'bad',
    '--stream',
    's',
    '--bucket',
    'archive',
    '--key',
    'k',
    '--format',
    '{x',
  );
  assert.equal(format.code, 1);
  assert.match(format.errors, /^nagare: InvalidParameterValueException: /);
  const incomplete = await log('create', 'bad');
  assert.equal(incomplete.code, 2);
  assert.match(incomplete.errors, /required option '--stream <name>' not specified/);
});

// Records put before the time stay out.
test('log create --from accepts a time', async () => {
  await kinesis.send(new CreateStreamCommand({ StreamName: 'timed', ShardCount: 1 }));
  const target = ['--stream', 'timed', '--bucket', 'archive', '--key', 'timed.txt'];
  assert.equal((await log('create', 'timed', ...target, '--from', '2026-11-01T09:30:00Z')).errors, '');
  const { output } = await log('describe', 'timed', '--json');
  const { StartingPosition, StartingPositionTimestamp } = JSON.parse(output) as Record<string, unknown>;
  assert.deepEqual([StartingPosition, StartingPositionTimestamp], ['AT_TIMESTAMP', 1_793_525_400]);
  const odd = await log('create', 'odd', ...target, '--from', '2026-99-99');
  assert.match(odd.errors, /--from is "2026-99-99"; it must be TRIM_HORIZON, LATEST or a time/);
  // It has written nothing, so there is no object to speak of.
  assert.equal((await log('delete', 'timed', '--yes')).output, 'timed was deleted\n');
});

test('an invalid {time:...} in a format is refused', async () => {
  const target = ['--stream', 'words', '--bucket', 'archive', '--key', 'odd.txt'];
  const { errors } = await log('create', 'odd', ...target, '--format', '{tim:yyyy}');
  assert.match(errors, /\{tim:yyyy\} in a line format: only \{time:\.\.\.\} has a colon/);
});

test('log delete stops writing, and the object stays', async () => {
  const deleted = await log('delete', 'all-words', '--yes');
  assert.equal(deleted.output, 'all-words was deleted; s3://archive/words.txt stays\n');
  assert.equal((await log('list')).output, '');
  assert.equal(await textOf('archive', 'words.txt', 3), 'a\nb\nc\n');
});
