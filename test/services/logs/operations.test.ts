import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { createFunction, invoke, printed, sharedLambda } from '../lambda/lambda-server.ts';

const group = '/aws/lambda/printing';

describe('the output of functions in CloudWatch Logs', () => {
  const shared = sharedLambda();

  before(async () => {
    const source = `export const handler = async (event) => {
      for (const line of event) console.log(line);
      process.stdout.write('raw\\n');
    };`;
    await createFunction(shared(), 'printing', source);
    await invoke(shared(), 'printing', ['one', 'two', 'several\nlines']);
    await invoke(shared(), 'printing', ['three ERROR']);
    await createFunction(shared(), 'other', 'export const handler = async () => 1;');
    await invoke(shared(), 'other');
  });

  test('has a group for each function that has run', async () => {
    const { logs } = shared();
    const all = await logs.send(new DescribeLogGroupsCommand({}));
    assert.deepEqual(
      all.logGroups?.map(({ logGroupName: name }) => name),
      ['/aws/lambda/other', group],
    );
    const [first] = all.logGroups ?? [];
    assert.equal(first?.arn, 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/other:*');
    assert.ok((first?.storedBytes ?? 0) > 100 && (first?.creationTime ?? 0) > 1.6e12);
    const page = await logs.send(new DescribeLogGroupsCommand({ limit: 1 }));
    const rest = await logs.send(new DescribeLogGroupsCommand({ nextToken: page.nextToken }));
    assert.deepEqual(
      rest.logGroups?.map(({ logGroupName: name }) => name),
      [group],
    );
    const matching = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/lambda/p' }));
    assert.equal(matching.logGroups?.length, 1);
  });

  test('has a stream for each process, with its events in order', async () => {
    const { logs } = shared();
    const { logStreams: streams } = await logs.send(
      new DescribeLogStreamsCommand({ logGroupName: group, orderBy: 'LastEventTime', descending: true }),
    );
    assert.equal(streams?.length, 1);
    const name = streams[0]?.logStreamName ?? '';
    assert.match(name, /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    const get = (input: object) =>
      logs.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: name, ...input }));
    const whole = (await get({ startFromHead: true })).events?.map(({ message }) => message) ?? [];
    assert.equal(whole.length, 12);
    assert.match(whole[0] ?? '', /^START RequestId: /);
    // Standard output is another pipe than the console's: only within each there is an order.
    assert.equal(whole.filter((message) => message === 'raw').length, 2);
    const console = whole.filter((message) => message?.includes('\tINFO\t'));
    assert.match(console[0] ?? '', /\tINFO\tone$/);
    assert.match(console[2] ?? '', /\tINFO\tseveral\nlines$/);
    assert.match(whole[11] ?? '', /^REPORT RequestId: /);

    const forwards: (string | undefined)[] = [];
    let token: string | undefined;
    for (;;) {
      const page = await get({ limit: 4, startFromHead: true, nextToken: token });
      if (page.nextForwardToken === token) break;
      forwards.push(...(page.events ?? []).map(({ message }) => message));
      token = page.nextForwardToken;
    }
    assert.deepEqual(forwards, whole);
    const newest = await get({ limit: 3 });
    assert.deepEqual(
      newest.events?.map(({ message }) => message),
      whole.slice(-3),
    );
    const older = await get({ limit: 3, nextToken: newest.nextBackwardToken });
    assert.deepEqual(
      older.events?.map(({ message }) => message),
      whole.slice(-6, -3),
    );
    await assert.rejects(logs.send(new GetLogEventsCommand({ logGroupName: group, logStreamName: 'none' })), {
      name: 'ResourceNotFoundException',
      message: 'The specified log stream does not exist.',
    });
  });

  test('can be searched by time and by text, in pages', async () => {
    const { logs: client } = shared();
    const find = async (input: object) =>
      (await client.send(new FilterLogEventsCommand({ logGroupName: group, ...input }))).events ?? [];
    const texts = async (input: object) =>
      (await find(input)).map(({ message }) => message?.split('\t').at(-1) ?? '');
    assert.deepEqual(await texts({ filterPattern: 'INFO' }), ['one', 'two', 'several\nlines', 'three ERROR']);
    assert.deepEqual(await texts({ filterPattern: 'INFO -ERROR' }), ['one', 'two', 'several\nlines']);
    assert.deepEqual(await texts({ filterPattern: '?two ?ERROR' }), ['two', 'three ERROR']);
    assert.deepEqual(await texts({ filterPattern: '"three ERROR"' }), ['three ERROR']);
    const all = await find({});
    assert.equal(all.length, 12);
    assert.equal(new Set(all.map(({ eventId }) => eventId)).size, 12);
    const end = all.at(-1)?.timestamp ?? 0;
    assert.ok((await find({ startTime: end })).length > 0);
    assert.equal((await find({ startTime: end + 1 })).length, 0);
    assert.equal((await find({ endTime: (all[0]?.timestamp ?? 0) - 1 })).length, 0);
    const ids: (string | undefined)[] = [];
    for await (const page of paginateFilterLogEvents({ client, pageSize: 3 }, { logGroupName: group })) {
      ids.push(...(page.events ?? []).map(({ eventId }) => eventId));
    }
    assert.deepEqual(
      ids,
      all.map(({ eventId }) => eventId),
    );
    await assert.rejects(find({ filterPattern: '%INFO|ERROR%' }), {
      name: 'InvalidParameterException',
      message: 'nagare does not support regular expressions in filter patterns yet',
    });
    await assert.rejects(client.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/none' })), {
      name: 'ResourceNotFoundException',
      message: 'The specified log group does not exist.',
    });
  });

  test('survives a restart', async () => {
    const before = await printed(shared(), 'printing');
    await shared().restart();
    assert.deepEqual(await printed(shared(), 'printing'), before);
  });
});
