import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  paginateFilterLogEvents,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  StartLiveTailCommand,
  TagLogGroupCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('log groups of clients', () => {
  let server: TestServer;
  let client: CloudWatchLogsClient;

  before(async () => {
    server = await startTestServer();
    client = new CloudWatchLogsClient({
      ...clientOptions(server.endpoint),
      maxAttempts: 1,
      // StartLiveTail has one.
      disableHostPrefix: true,
    });
  });

  after(async () => {
    client.destroy();
    await server.close();
  });

  async function createdStream(group: string, stream = 'one'): Promise<void> {
    await client.send(new CreateLogGroupCommand({ logGroupName: group }));
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: stream }));
  }

  const put = (group: string, events: readonly (readonly [ms: number, message: string])[], stream = 'one') =>
    client.send(
      new PutLogEventsCommand({
        logGroupName: group,
        logStreamName: stream,
        logEvents: events.map(([timestamp, message]) => ({ timestamp, message })),
      }),
    );

  async function messages(group: string): Promise<string[]> {
    const { events = [] } = await client.send(new FilterLogEventsCommand({ logGroupName: group }));
    return events.map(({ message = '' }) => message);
  }

  test('are created with tags, described, retained and deleted', async () => {
    const logGroupName = '/app/orders';
    const tags = { team: 'data' };
    await client.send(new CreateLogGroupCommand({ logGroupName, tags, logGroupClass: 'STANDARD' }));
    await assert.rejects(client.send(new CreateLogGroupCommand({ logGroupName })), {
      name: 'ResourceAlreadyExistsException',
      message: 'The specified log group already exists',
    });
    await client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 7 }));
    const describeIt = async () =>
      (await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }))).logGroups ?? [];
    const [group] = await describeIt();
    assert.equal(group?.retentionInDays, 7);
    assert.equal(group?.logGroupArn, 'arn:aws:logs:us-east-1:000000000000:log-group:/app/orders');
    assert.equal(group?.arn, `${group?.logGroupArn}:*`);
    assert.ok(Date.now() - (group?.creationTime ?? 0) < 60_000);
    await assert.rejects(client.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 8 })), {
      name: 'InvalidParameterException',
      message:
        /^1 validation error detected: Value '8' at 'retentionInDays' failed .* enum value set: \[1, 3, 5/,
    });
    await client.send(new DeleteRetentionPolicyCommand({ logGroupName }));
    assert.equal((await describeIt())[0]?.retentionInDays, undefined);
    await client.send(new DeleteLogGroupCommand({ logGroupName }));
    assert.deepEqual(await describeIt(), []);
    await assert.rejects(client.send(new DeleteLogGroupCommand({ logGroupName })), {
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
  });

  test('have tags, by their ARN and by their name', async () => {
    const logGroupName = 'tagged';
    const resourceArn = 'arn:aws:logs:us-east-1:000000000000:log-group:tagged';
    await client.send(new CreateLogGroupCommand({ logGroupName, tags: { a: '1' } }));
    await client.send(new TagResourceCommand({ resourceArn, tags: { b: '2', c: '3' } }));
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    const { tags } = await client.send(new ListTagsForResourceCommand({ resourceArn }));
    assert.deepEqual(tags, { b: '2', c: '3' });
    await client.send(new TagLogGroupCommand({ logGroupName, tags: { d: '4' } }));
    await client.send(new UntagLogGroupCommand({ logGroupName, tags: ['b'] }));
    const old = await client.send(new ListTagsLogGroupCommand({ logGroupName }));
    assert.deepEqual(old.tags, { c: '3', d: '4' });
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, n) => [`k${n}`, '']));
    await assert.rejects(client.send(new TagResourceCommand({ resourceArn, tags: many })), {
      name: 'TooManyTagsException',
    });
    await assert.rejects(
      client.send(new ListTagsForResourceCommand({ resourceArn: resourceArn.replace('tagged', 'other') })),
      { name: 'ResourceNotFoundException' },
    );
  });

  test('refuse options that nagare does not have by name', async () => {
    for (const [options, what] of [
      [{ kmsKeyId: 'arn:aws:kms:us-east-1:000000000000:key/1' }, 'kmsKeyId'],
      [{ logGroupClass: 'INFREQUENT_ACCESS' }, 'the log group class INFREQUENT_ACCESS'],
      [{ deletionProtectionEnabled: true }, 'deletionProtectionEnabled'],
    ] as const) {
      await assert.rejects(client.send(new CreateLogGroupCommand({ logGroupName: 'x', ...options })), {
        name: 'InvalidParameterException',
        message: `nagare does not support ${what} yet`,
      });
    }
    await assert.rejects(client.send(new CreateLogGroupCommand({ logGroupName: 'a b' })), {
      name: 'InvalidParameterException',
    });
  });

  test('keep the events of a stream in the order of their times, also across a restart', async () => {
    const group = '/app/order';
    await createdStream(group);
    const now = Date.now();
    await put(group, [
      [now - 2000, 'second'],
      [now, 'fourth'],
    ]);
    await put(group, [
      [now - 3000, 'first'],
      [now - 1000, 'third ü'],
    ]);
    const expected = ['first', 'second', 'third ü', 'fourth'];
    assert.deepEqual(await messages(group), expected);
    await server.restart();
    assert.deepEqual(await messages(group), expected);
    const page = (input: object) =>
      client.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: 'one', ...input }));
    const newest = await page({ limit: 2 });
    assert.deepEqual(
      newest.events?.map(({ message }) => message),
      ['third ü', 'fourth'],
    );
    const older = await page({ nextToken: newest.nextBackwardToken });
    assert.deepEqual(
      older.events?.map(({ message }) => message),
      ['first', 'second'],
    );
    const pages: string[] = [];
    for await (const { events } of paginateFilterLogEvents(
      { client, pageSize: 1 },
      { logGroupName: group },
    )) {
      pages.push(...(events ?? []).map(({ message = '' }) => message));
    }
    assert.deepEqual(pages, expected);
    const { logStreams = [] } = await client.send(new DescribeLogStreamsCommand({ logGroupName: group }));
    assert.equal(logStreams[0]?.firstEventTimestamp, now - 3000);
    assert.equal(logStreams[0]?.lastEventTimestamp, now);
    assert.ok((logStreams[0]?.lastIngestionTime ?? 0) >= now);
  });

  test('refuse batches as AWS does, and report events that are too old, too new or expired', async () => {
    const group = '/app/batches';
    await createdStream(group);
    const now = Date.now();
    const refused = (events: readonly (readonly [number, string])[], message: string | RegExp) =>
      assert.rejects(put(group, events), { name: 'InvalidParameterException', message });
    await refused(
      [
        [now, 'a'],
        [now - 1, 'b'],
      ],
      'Log events in a single PutLogEvents request must be in chronological order.',
    );
    await refused(
      [
        [now - DAY_MS - 1, 'a'],
        [now, 'b'],
      ],
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
    await refused(
      [
        [now, 'x'.repeat(524_288)],
        [now, 'x'.repeat(524_288)],
      ],
      'Upload too large: 1048628 bytes exceeds limit of 1048576',
    );
    await refused(
      [],
      /'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1$/,
    );
    const tooNew = await put(group, [
      [now, 'stored'],
      [now + 3 * HOUR_MS, 'too new'],
    ]);
    assert.deepEqual(tooNew.rejectedLogEventsInfo, { tooNewLogEventStartIndex: 1 });
    const tooOld = await put(group, [
      [now - 14 * DAY_MS - HOUR_MS, 'too old'],
      [now - 14 * DAY_MS + HOUR_MS, 'old'],
    ]);
    assert.deepEqual(tooOld.rejectedLogEventsInfo, { tooOldLogEventEndIndex: 1 });
    assert.deepEqual(await messages(group), ['old', 'stored']);
    await client.send(new PutRetentionPolicyCommand({ logGroupName: group, retentionInDays: 1 }));
    assert.deepEqual(await messages(group), ['stored']);
    const expired = await put(group, [
      [now - DAY_MS - HOUR_MS, 'expired'],
      [now - DAY_MS + HOUR_MS, 'kept'],
    ]);
    assert.deepEqual(expired.rejectedLogEventsInfo, { expiredLogEventEndIndex: 1 });
    assert.deepEqual(await messages(group), ['kept', 'stored']);
    await assert.rejects(put(group, [[now, 'x']], 'none'), {
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
    await assert.rejects(put('/app/none', [[now, 'x']]), {
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
    const entity = { keyAttributes: { Type: 'Service', Name: 'orders' } };
    const answer = await client.send(
      new PutLogEventsCommand({
        logGroupName: group,
        logStreamName: 'one',
        logEvents: [{ timestamp: now, message: 'with an entity' }],
        entity,
      }),
    );
    assert.deepEqual(answer.rejectedEntityInfo, { errorType: 'UnsupportedLogGroupType' });
  });

  test('lose a deleted stream with its events and nothing else, and a deleted group with its files', async () => {
    const group = '/app/deleted';
    await createdStream(group);
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'two' }));
    const now = Date.now();
    await put(group, [[now, 'of one']]);
    await put(group, [[now + 1, 'of two']], 'two');
    await client.send(new DeleteLogStreamCommand({ logGroupName: group, logStreamName: 'one' }));
    assert.deepEqual(await messages(group), ['of two']);
    await server.restart();
    assert.deepEqual(await messages(group), ['of two']);
    const { logStreams = [] } = await client.send(new DescribeLogStreamsCommand({ logGroupName: group }));
    assert.deepEqual(
      logStreams.map(({ logStreamName }) => logStreamName),
      ['two'],
    );
    await client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'one' }));
    await assert.rejects(
      client.send(new CreateLogStreamCommand({ logGroupName: group, logStreamName: 'one' })),
      { name: 'ResourceAlreadyExistsException', message: 'The specified log stream already exists' },
    );
    await put(group, [[now + 2, 'anew']]);
    assert.deepEqual(await messages(group), ['of two', 'anew']);
    const folders = () => readdir(join(server.dataDir, 'functions', 'logs'));
    assert.ok((await folders()).includes('@%2Fapp%2Fdeleted'));
    await client.send(new DeleteLogGroupCommand({ logGroupName: group }));
    assert.ok(!(await folders()).includes('@%2Fapp%2Fdeleted'));
    await createdStream(group);
    assert.deepEqual(await messages(group), []);
  });

  test('are stored inside the folder of logs whatever their names are', async () => {
    const names = ['/aws/lambda/../../../outside', '..', `/${'long/'.repeat(100)}`];
    const before = await readdir(server.dataDir);
    for (const name of names) {
      await createdStream(name);
      await put(name, [[Date.now(), name]]);
    }
    assert.deepEqual(await readdir(server.dataDir), before);
    await server.restart();
    for (const name of names) assert.deepEqual(await messages(name), [name]);
  });

  test('are tailed live, filtered by stream and pattern', async () => {
    const group = '/app/tailed';
    await createdStream(group);
    const arn = `arn:aws:logs:us-east-1:000000000000:log-group:${group}`;
    const { responseStream } = await client.send(
      new StartLiveTailCommand({
        logGroupIdentifiers: [arn],
        logStreamNames: ['one'],
        logEventFilterPattern: '{ $.level = "ERROR" }',
      }),
    );
    assert.ok(responseStream !== undefined);
    const seen: object[] = [];
    for await (const { sessionStart, sessionUpdate } of responseStream) {
      if (sessionStart !== undefined) {
        assert.deepEqual(sessionStart.logGroupIdentifiers, [arn]);
        assert.match(sessionStart.sessionId ?? '', /^[0-9a-f-]{36}$/);
        await put(group, [
          [Date.now(), '{"level":"INFO"}'],
          [Date.now(), '{"level":"ERROR"}'],
        ]);
      }
      seen.push(...(sessionUpdate?.sessionResults ?? []));
      if (seen.length > 0) break;
    }
    const [event] = seen as { logStreamName?: string; message?: string; logGroupIdentifier?: string }[];
    assert.equal(seen.length, 1);
    assert.equal(event?.message, '{"level":"ERROR"}');
    assert.equal(event?.logStreamName, 'one');
    assert.equal(event?.logGroupIdentifier, arn);
    await assert.rejects(client.send(new StartLiveTailCommand({ logGroupIdentifiers: [`${arn}x`] })), {
      name: 'ResourceNotFoundException',
    });
  });
});
