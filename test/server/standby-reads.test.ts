import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  PutRecordCommand,
  ResourceNotFoundException,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import {
  CreateTopicCommand,
  GetTopicAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { register, subscribe } from '../services/kinesis/support/subscriptions.ts';
import { signedFor } from '../support/admission.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { closeMachines, command, healthOf, type Machine, untilServing } from './machines.ts';
import { counted, countsOf, named, pair, rootKey } from './standby.ts';

const SHARD = 'shardId-000000000000';
async function put({ kinesis }: Machine, text: string): Promise<string> {
  const { SequenceNumber = '' } = await kinesis.send(
    new PutRecordCommand({ StreamName: 's', PartitionKey: 'p', Data: Buffer.from(text) }),
  );
  return SequenceNumber;
}

async function iterator(
  { kinesis }: Machine,
  start: Omit<GetShardIteratorCommandInput, 'ShardId'>,
): Promise<string> {
  const { ShardIterator = '' } = await kinesis.send(
    new GetShardIteratorCommand({ StreamName: 's', ShardId: SHARD, ...start }),
  );
  return ShardIterator;
}

async function textsFrom({ kinesis }: Machine, ShardIterator: string): Promise<string[]> {
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

/** In order: an error would be thrown. */
async function ended(subscription: Awaited<ReturnType<typeof subscribe>>): Promise<void> {
  while ((await subscription.next()) !== undefined);
}

async function textsAt(machine: Machine): Promise<string[]> {
  return await textsFrom(machine, await iterator(machine, { ShardIteratorType: 'TRIM_HORIZON' }));
}

describe('a standby that answers reads', () => {
  afterEach(closeMachines);

  it('answers them without the owner, once it has what it is asked for', async () => {
    const { owner, standby } = await pair();
    await put(owner, 'a');
    await until(async () => (await textsAt(standby)).length === 1);
    const counts = await counted(standby, async () => {
      assert.deepEqual(await textsAt(standby), ['a']);
      const { StreamNames } = await standby.kinesis.send(new ListStreamsCommand({}));
      assert.deepEqual(StreamNames, ['s']);
      await standby.kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
      await standby.kinesis.send(new ListShardsCommand({ StreamName: 's' }));
    });
    assert.deepEqual(counts, { answered: 5, stale: 0, refused: 0, forwarded: 0 });
    const { headers } = await signedRead(standby);
    assert.match(headers.get('x-nagare-standby-read') ?? '', /^position=\d+, age-ms=\d+$/);
  });

  it('leaves to the owner what a client wants as it is now', async () => {
    const { standby } = await pair();
    await until(async () => (await counted(standby, () => signedRead(standby))).answered === 1);
    const counts = await counted(standby, async () => {
      const { status, headers } = await signedRead(standby, { 'x-nagare-consistency': 'owner' });
      assert.deepEqual([status, headers.get('x-nagare-standby-read')], [200, null]);
    });
    assert.deepEqual(counts, { answered: 0, stale: 0, refused: 0, forwarded: 1 });
  });

  it('leaves to the owner what changes something', async () => {
    const { owner, standby } = await pair();
    const counts = await counted(standby, async () => {
      await put(standby, 'a');
      await standby.kinesis.send(new CreateStreamCommand({ StreamName: 't', ShardCount: 1 }));
      await standby.kinesis.send(new DeleteStreamCommand({ StreamName: 't' }));
    });
    assert.deepEqual(counts, { answered: 0, stale: 0, refused: 0, forwarded: 3 });
    assert.deepEqual(await textsAt(owner), ['a']);
  });

  it('never answers with less than an iterator promises: the owner goes on from there', async () => {
    const { owner, standby } = await pair({ readAgeMaxMs: 60_000 });
    const first = await put(owner, 'a');
    await until(async () => (await textsAt(standby)).length === 1);
    standby.cutOff();
    const second = await put(owner, 'b');
    assert.deepEqual(await textsAt(standby), ['a'], 'a prefix, within the bound');
    const sequences = { StartingSequenceNumber: second };
    const known = { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: first } as const;
    const counts = await counted(standby, async () => {
      const at = await iterator(standby, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', ...sequences });
      assert.deepEqual(await textsFrom(owner, at), ['b']);
      const after = await iterator(standby, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', ...sequences });
      const latest = await iterator(standby, { ShardIteratorType: 'LATEST' });
      await put(owner, 'c');
      assert.deepEqual(await textsFrom(standby, after), ['c']);
      assert.deepEqual(await textsFrom(standby, latest), ['c']);
      const Timestamp = new Date();
      const late = await iterator(standby, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp });
      await put(owner, 'd');
      assert.deepEqual(await textsFrom(standby, late), ['d']);
    });
    assert.deepEqual(counts, { answered: 0, stale: 0, refused: 7, forwarded: 7 });
    const here = await counted(standby, async () => {
      const next = await iterator(standby, known);
      assert.deepEqual(await textsFrom(standby, next), [], 'nothing yet, and nothing is skipped');
      assert.deepEqual(await textsFrom(owner, next), ['b', 'c', 'd']);
    });
    assert.deepEqual(here, { answered: 2, stale: 0, refused: 0, forwarded: 0 });
  });

  it('leaves everything to the owner when what it has may be too old', async () => {
    const { owner, standby } = await pair({ readAgeMaxMs: 500 });
    await put(owner, 'a');
    await until(async () => (await textsAt(standby)).length === 1);
    standby.cutOff();
    await until(async () => (await counted(standby, () => textsAt(standby))).stale === 2);
    await put(owner, 'b');
    const counts = await counted(standby, async () => assert.deepEqual(await textsAt(standby), ['a', 'b']));
    assert.deepEqual(counts, { answered: 0, stale: 2, refused: 0, forwarded: 2 });
    standby.reconnect();
    await until(async () => (await counted(standby, () => textsAt(standby))).answered === 2);
    assert.deepEqual(await textsAt(standby), ['a', 'b']);
    const metrics = await (await fetch(`${standby.server.endpoint}/metrics`)).text();
    assert.match(metrics, /^nagare_cluster_standby_reads_total [1-9]/m);
    assert.match(metrics, /^nagare_cluster_standby_reads_left_total\{reason="stale"\} [1-9]/m);
  });

  it('leaves everything to the owner when its region is another one', async () => {
    const { owner, standby } = await pair({}, {}, { region: 'eu-west-1' });
    await put(owner, 'a');
    await until(async () => (await healthOf(standby)).problems[0]?.code === 'SETTINGS_DIFFER');
    const counts = await counted(standby, async () => {
      const { StreamDescriptionSummary: summary } = await standby.kinesis.send(
        new DescribeStreamSummaryCommand({ StreamName: 's' }),
      );
      assert.match(summary?.StreamARN ?? '', /:us-east-1:/);
    });
    assert.deepEqual(counts, { answered: 0, stale: 0, refused: 0, forwarded: 1 });
  });

  it('knows what the owner does to streams: new shards, tags, deletion, another stream of the same name', async () => {
    const { owner, standby } = await pair();
    await put(owner, 'a');
    const { kinesis } = owner;
    const NewStartingHashKey = (2n ** 127n).toString();
    await kinesis.send(new SplitShardCommand({ StreamName: 's', ShardToSplit: SHARD, NewStartingHashKey }));
    const shards = async () => {
      const { Shards = [] } = await standby.kinesis.send(new ListShardsCommand({ StreamName: 's' }));
      return Shards.length;
    };
    await until(async () => (await shards()) === 3);
    const counts = await counted(standby, async () => {
      const ShardIterator = await iterator(standby, { ShardIteratorType: 'LATEST' });
      const { ChildShards, NextShardIterator } = await standby.kinesis.send(
        new GetRecordsCommand({ ShardIterator }),
      );
      assert.deepEqual([ChildShards?.length, NextShardIterator], [2, undefined]);
    });
    assert.deepEqual(counts, { answered: 2, stale: 0, refused: 0, forwarded: 0 }, 'a closed shard is known');

    const tags = { StreamName: 's', Tags: { team: 'blue' } };
    await kinesis.send(new AddTagsToStreamCommand(tags));
    await until(async () => {
      const { Tags } = await standby.kinesis.send(new ListTagsForStreamCommand({ StreamName: 's' }));
      return Tags?.[0]?.Value === 'blue';
    });
    await kinesis.send(new DeleteStreamCommand({ StreamName: 's' }));
    await until(async () => {
      const { StreamNames } = await standby.kinesis.send(new ListStreamsCommand({}));
      return StreamNames?.length === 0;
    });
    await assert.rejects(
      standby.kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 's' })),
      ResourceNotFoundException,
    );
    await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 2 }));
    await until(async () => (await counted(standby, shards)).answered === 1);
    assert.equal(await shards(), 2);
  });

  it('becomes the owner in the midst of reads, and the owner a standby that answers them', async () => {
    const { owner, standby } = await pair({ readAgeMaxMs: 2000 });
    await put(owner, 'a');
    await until(async () => (await counted(standby, () => textsAt(standby))).answered === 2);
    const over = new AbortController();
    const reading = (async () => {
      while (!over.signal.aborted) assert.deepEqual((await textsAt(standby))[0], 'a');
    })();
    await command(owner, 'demote');
    await untilServing(standby);
    await put(standby, 'b');
    await until(async () => (await countsOf(owner)).answered > 0 || (await textsAt(owner)).length === 2);
    await until(async () => (await counted(owner, () => textsAt(owner))).answered === 2);
    assert.deepEqual(await textsAt(standby), ['a', 'b']);
    over.abort();
    await reading;
    const counts = await counted(standby, () => textsAt(standby));
    assert.equal(counts.answered, 0, 'as the owner');
  });

  it('pushes to a subscription until it may be too old or takes over; the reader goes on at the owner', async () => {
    const { owner, standby } = await pair({ readAgeMaxMs: 1500 });
    const [one, other] = [await register(owner.kinesis, 'a', 's'), await register(owner.kinesis, 'b', 's')];
    const known = new DescribeStreamConsumerCommand({ ConsumerARN: other });
    await until(async () => (await counted(standby, () => standby.kinesis.send(known))).answered === 1);

    const counts = await counted(standby, async () => {
      const first = await subscribe(standby.kinesis, one, { Type: 'TRIM_HORIZON' });
      await first.next();
      const SequenceNumber = await put(owner, 'a');
      assert.deepEqual(await first.records(1), ['a']);
      standby.cutOff();
      await ended(first);
      await put(owner, 'b');
      const second = await subscribe(standby.kinesis, one, { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber });
      assert.deepEqual(await second.records(1), ['b']);
      await second.stop();
    });
    assert.deepEqual(counts, { answered: 1, stale: 1, refused: 0, forwarded: 1 });

    standby.reconnect();
    await until(async () => (await counted(standby, () => standby.kinesis.send(known))).answered === 1);
    const last = await subscribe(standby.kinesis, other, { Type: 'TRIM_HORIZON' });
    assert.deepEqual(await last.records(2), ['a', 'b']);
    await command(owner, 'demote');
    await ended(last);
    await untilServing(standby);
  });

  it('takes over although the body of a read does not arrive', async () => {
    const { owner, standby } = await pair({ readAgeMaxMs: 60_000 });
    await until(async () => (await counted(standby, () => signedRead(standby))).answered === 1);
    const { port, hostname } = new URL(standby.server.endpoint);
    const client = connect(Number(port), hostname);
    const headers = { ...readHeaders, ...signedFor('kinesis'), 'content-length': '2' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    client.write(`POST / HTTP/1.1\r\nhost: ${hostname}:${port}\r\n${lines.join('\r\n')}\r\n\r\n{`);
    // Requests that come later are answered: the server has this one.
    await until(async () => (await counted(standby, () => signedRead(standby))).answered === 1);
    await command(owner, 'demote');
    await untilServing(standby);
    client.destroy();
  });

  it('answers nothing with other keys than the owner, who knows who may read', async () => {
    const { standby } = await pair({}, { rootKey }, {});
    const counts = await counted(standby, async () => {
      for (let reads = 0; reads < 3; reads++) assert.equal((await signedRead(standby)).status, 400);
    });
    assert.deepEqual(counts, { answered: 0, stale: 0, refused: 0, forwarded: 3 });
  });

  it('has what it has answered in its audit log, and nothing else', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'audit.log');
    const audit = { file, fileBytesMax: 1e6, filesMax: 2, data: 'all', required: true } as const;
    const { standby } = await pair({}, {}, { audit });
    const read = () => signedRead(standby);
    await until(async () => (await counted(standby, read)).answered === 1);
    const before = await readFile(file, 'utf8');
    const counts = await counted(standby, async () => {
      await read();
      await put(standby, 'a');
      await assert.rejects(standby.kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'none' })));
      await read();
    });
    assert.deepEqual(counts, { answered: 2, stale: 0, refused: 1, forwarded: 2 });
    const added = await until(async () => {
      const lines = (await readFile(file, 'utf8')).slice(before.length).trimEnd().split('\n');
      return lines.length >= 2 && lines;
    });
    const names = added.map((line) => (JSON.parse(line) as { readonly eventName: string }).eventName);
    assert.deepEqual(names, ['ListStreams', 'ListStreams']);
    await removeFolder(folder);
  });

  it('obeys keys and policies as they are', async () => {
    const { owner, standby } = await pair({}, { rootKey });
    const iam = new IAMClient({ endpoint: owner.server.endpoint, region: 'us-east-1', credentials: rootKey });
    const UserName = 'reader';
    await iam.send(new CreateUserCommand({ UserName }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    assert(AccessKey?.AccessKeyId !== undefined && AccessKey.SecretAccessKey !== undefined);
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
    const reader = new KinesisClient({
      endpoint: standby.server.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey },
    });
    const describe = () => reader.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    const statement = { Effect: 'Allow', Action: 'kinesis:DescribeStreamSummary', Resource: '*' };
    const allow = (Statement: object) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName,
          PolicyName: 'p',
          PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
        }),
      );

    await assert.rejects(describe(), { name: 'AccessDeniedException' });
    await allow(statement);
    await describe();
    await until(async () => (await counted(standby, describe)).answered === 1);
    await allow({ ...statement, Effect: 'Deny' });
    await until(async () => (await named(describe())) === 'AccessDeniedException');
    await allow(statement);
    await until(async () => (await counted(standby, describe)).answered === 1);
    const options = { endpoint: owner.server.endpoint, region: 'us-east-1' };
    const sts = new STSClient({ ...options, credentials: { accessKeyId, secretAccessKey } });
    const { Credentials: session } = await sts.send(new GetSessionTokenCommand({}));
    const sessionReader = new KinesisClient({
      ...options,
      endpoint: standby.server.endpoint,
      credentials: {
        accessKeyId: session?.AccessKeyId ?? '',
        secretAccessKey: session?.SecretAccessKey ?? '',
        sessionToken: session?.SessionToken ?? '',
      },
    });
    const describeInSession = () => sessionReader.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
    await until(async () => (await counted(standby, describeInSession)).answered === 1);

    const sns = new SNSClient({ ...options, credentials: rootKey });
    const snsReader = new SNSClient({
      ...options,
      endpoint: standby.server.endpoint,
      credentials: { accessKeyId, secretAccessKey },
    });
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 't' }));
    await allow({ ...statement, Action: '*' });
    const attributes = () => snsReader.send(new GetTopicAttributesCommand({ TopicArn }));
    await until(async () => (await counted(standby, attributes)).answered === 1);
    const Principal = '*';
    const Statement = { Effect: 'Deny', Principal, Action: 'sns:GetTopicAttributes', Resource: TopicArn };
    const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement });
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }));
    await until(async () => (await named(attributes())) === 'AuthorizationErrorException');
    await iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: accessKeyId, Status: 'Inactive' }));
    await until(async () => (await named(describe())) !== undefined);
    for (const client of [iam, sts, sessionReader, sns, snsReader]) client.destroy();
    reader.destroy();
  });
});

const readHeaders = {
  'content-type': 'application/x-amz-json-1.1',
  'x-amz-target': 'Kinesis_20131202.ListStreams',
};

function signedRead({ server }: Machine, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(server.endpoint, {
    method: 'POST',
    body: '{}',
    headers: { ...readHeaders, ...signedFor('kinesis'), ...headers },
  });
}
