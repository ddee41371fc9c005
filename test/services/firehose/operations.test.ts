import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import {
  CreateDeliveryStreamCommand,
  type CreateDeliveryStreamCommandInput,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  ListDeliveryStreamsCommand,
  ListTagsForDeliveryStreamCommand,
  PutRecordBatchCommand,
  PutRecordCommand,
  StartDeliveryStreamEncryptionCommand,
  StopDeliveryStreamEncryptionCommand,
  TagDeliveryStreamCommand,
  UntagDeliveryStreamCommand,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { CreateStreamCommand } from '@aws-sdk/client-kinesis';
import { until } from '../../support/until.ts';
import { ROLE, s3Destination, startFirehose, type FirehoseWorld } from './support.ts';

let world: FirehoseWorld;

before(async () => {
  world = await startFirehose();
});

after(async () => {
  await world[Symbol.asyncDispose]();
});

/** A delivery stream whose records wait for a buffer that does not fill. */
async function create(
  DeliveryStreamName: string,
  more: Partial<CreateDeliveryStreamCommandInput> = {},
): Promise<string | undefined> {
  const { DeliveryStreamARN } = await world.firehose.send(
    new CreateDeliveryStreamCommand({
      DeliveryStreamName,
      ExtendedS3DestinationConfiguration: waiting(),
      ...more,
    }),
  );
  return DeliveryStreamARN;
}

function waiting(more: object = {}) {
  return s3Destination('lake', { BufferingHints: { SizeInMBs: 128, IntervalInSeconds: 900 }, ...more });
}

function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing was refused',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

async function describeStream(DeliveryStreamName: string) {
  const { DeliveryStreamDescription } = await world.firehose.send(
    new DescribeDeliveryStreamCommand({ DeliveryStreamName }),
  );
  return DeliveryStreamDescription;
}

test('a new delivery stream is described with AWS defaults', async () => {
  const arn = await create('defaults', {
    ExtendedS3DestinationConfiguration: { RoleARN: ROLE, BucketARN: 'arn:aws:s3:::lake' },
  });
  assert.equal(arn, 'arn:aws:firehose:us-east-1:000000000000:deliverystream/defaults');
  const { CreateTimestamp, Destinations, ...rest } = (await describeStream('defaults')) ?? {};
  assert.ok(CreateTimestamp instanceof Date);
  assert.deepEqual(rest, {
    DeliveryStreamName: 'defaults',
    DeliveryStreamARN: arn,
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamEncryptionConfiguration: { Status: 'DISABLED' },
    DeliveryStreamType: 'DirectPut',
    VersionId: '1',
    HasMoreDestinations: false,
  });
  const plain = {
    RoleARN: ROLE,
    BucketARN: 'arn:aws:s3:::lake',
    BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 300 },
    CompressionFormat: 'UNCOMPRESSED',
    EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' },
    CloudWatchLoggingOptions: { Enabled: false },
  };
  assert.deepEqual(Destinations, [
    {
      DestinationId: 'destinationId-000000000001',
      S3DestinationDescription: plain,
      ExtendedS3DestinationDescription: {
        ...plain,
        ProcessingConfiguration: { Enabled: false, Processors: [] },
        S3BackupMode: 'Disabled',
      },
    },
  ]);
});

describe('CreateDeliveryStream refuses', () => {
  it('a name that is taken', async () => {
    await create('taken');
    assert.equal(
      await refusal(create('taken')),
      'ResourceInUseException: Firehose taken under accountId 000000000000 already exists',
    );
  });

  it('requests with no destination or more than one', async () => {
    const simple = { RoleARN: ROLE, BucketARN: 'arn:aws:s3:::lake' };
    const expected =
      'InvalidArgumentException: Exactly one destination configuration is supported for a Firehose';
    assert.equal(
      await refusal(world.firehose.send(new CreateDeliveryStreamCommand({ DeliveryStreamName: 'x' }))),
      expected,
    );
    assert.equal(await refusal(create('x', { S3DestinationConfiguration: simple })), expected);
  });

  it('unsupported features, by name', async () => {
    const s3 = { RoleARN: ROLE, BucketARN: 'arn:aws:s3:::lake' };
    const splunk = {
      HECEndpoint: 'https://splunk',
      HECEndpointType: 'Raw' as const,
      HECToken: 't',
      S3Configuration: s3,
    };
    assert.match(
      await refusal(create('x', { SplunkDestinationConfiguration: splunk })),
      /InvalidArgument.*Splunk/,
    );
    assert.match(
      await refusal(create('x', { DeliveryStreamType: 'MSKAsSource' })),
      /InvalidArgument.*Amazon MSK/,
    );
    assert.match(
      await refusal(create('x', { DeliveryStreamType: 'DatabaseAsSource' })),
      /InvalidArgument.*database/,
    );
    const AWSKMSKeyARN = 'arn:aws:kms:us-east-1:000000000000:key/k';
    const kms = waiting({ EncryptionConfiguration: { KMSEncryptionConfig: { AWSKMSKeyARN } } });
    assert.match(
      await refusal(create('x', { ExtendedS3DestinationConfiguration: kms })),
      /InvalidArgument.*KMSEncryptionConfig/,
    );
  });

  it('options that contradict each other', async () => {
    const of = (more: object) => refusal(create('x', { ExtendedS3DestinationConfiguration: waiting(more) }));
    assert.match(await of({ BufferingHints: { SizeInMBs: 5 } }), /InvalidArgument.*both/);
    assert.match(await of({ S3BackupMode: 'Enabled' }), /InvalidArgument.*S3BackupConfiguration/);
    assert.match(await of({ CloudWatchLoggingOptions: { Enabled: true } }), /InvalidArgument.*LogGroupName/);
    assert.match(
      await of({ Prefix: 'a/!{timestamp:yyyy}/' }),
      /InvalidArgument.*ErrorOutputPrefix cannot be null or empty when Prefix contains expressions/,
    );
    assert.match(await of({ CustomTimeZone: 'Mars/Base' }), /InvalidArgument.*time zone/);
    assert.match(
      await refusal(create('x', { DeliveryStreamType: 'KinesisStreamAsSource' })),
      /InvalidArgument.*KinesisStreamSourceConfiguration/,
    );
    const source = {
      KinesisStreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/missing',
      RoleARN: ROLE,
    };
    assert.match(
      await refusal(
        create('x', {
          DeliveryStreamType: 'KinesisStreamAsSource',
          KinesisStreamSourceConfiguration: source,
        }),
      ),
      /InvalidArgument.*missing does not exist/,
    );
  });
});

test('delivery streams are listed by name, in pages, and by type', async () => {
  await world.kinesis.send(new CreateStreamCommand({ StreamName: 'source', ShardCount: 1 }));
  for (const name of ['list-b', 'list-a']) await create(name);
  await create('list-c', {
    DeliveryStreamType: 'KinesisStreamAsSource',
    KinesisStreamSourceConfiguration: {
      KinesisStreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/source',
      RoleARN: ROLE,
    },
  });
  const list = (input: object) => world.firehose.send(new ListDeliveryStreamsCommand(input));
  const first = await list({ Limit: 2, ExclusiveStartDeliveryStreamName: 'list' });
  assert.deepEqual(first.DeliveryStreamNames, ['list-a', 'list-b']);
  assert.equal(first.HasMoreDeliveryStreams, true);
  const rest = await list({
    ExclusiveStartDeliveryStreamName: 'list-b',
    DeliveryStreamType: 'KinesisStreamAsSource',
  });
  assert.deepEqual(rest.DeliveryStreamNames, ['list-c']);
  const described = await describeStream('list-c');
  assert.ok(described?.Source?.KinesisStreamSourceDescription?.DeliveryStartTimestamp instanceof Date);
  assert.equal(described.DeliveryStreamEncryptionConfiguration, undefined);
});

test('tags are added, changed, listed in pages and removed', async () => {
  const DeliveryStreamName = 'tagged';
  await create(DeliveryStreamName, { Tags: [{ Key: 'b', Value: '1' }] });
  await world.firehose.send(
    new TagDeliveryStreamCommand({
      DeliveryStreamName,
      Tags: [{ Key: 'a' }, { Key: 'b', Value: '2' }, { Key: 'c', Value: '3' }],
    }),
  );
  await world.firehose.send(new UntagDeliveryStreamCommand({ DeliveryStreamName, TagKeys: ['c', 'none'] }));
  const list = (input: object) =>
    world.firehose.send(new ListTagsForDeliveryStreamCommand({ DeliveryStreamName, ...input }));
  const { $metadata: _first, ...first } = await list({ Limit: 1 });
  assert.deepEqual(first, { Tags: [{ Key: 'a', Value: '' }], HasMoreTags: true });
  assert.deepEqual((await list({ ExclusiveStartTagKey: 'a' })).Tags, [{ Key: 'b', Value: '2' }]);
  const many = Array.from({ length: 49 }, (_, n) => ({ Key: `k${n}`, Value: 'v' }));
  assert.match(
    await refusal(world.firehose.send(new TagDeliveryStreamCommand({ DeliveryStreamName, Tags: many }))),
    /^LimitExceededException/,
  );
});

test('records put while encryption is enabled are not readable on disk', async () => {
  const DeliveryStreamName = 'secret';
  await create(DeliveryStreamName);
  const KeyARN = 'arn:aws:kms:us-east-1:000000000000:key/mine';
  await world.firehose.send(
    new StartDeliveryStreamEncryptionCommand({
      DeliveryStreamName,
      DeliveryStreamEncryptionConfigurationInput: { KeyType: 'CUSTOMER_MANAGED_CMK', KeyARN },
    }),
  );
  assert.deepEqual((await describeStream(DeliveryStreamName))?.DeliveryStreamEncryptionConfiguration, {
    Status: 'ENABLED',
    KeyType: 'CUSTOMER_MANAGED_CMK',
    KeyARN,
  });
  const put = (text: string) =>
    world.firehose.send(new PutRecordCommand({ DeliveryStreamName, Record: { Data: Buffer.from(text) } }));
  assert.equal((await put('hidden-from-the-disk')).Encrypted, true);
  await world.firehose.send(new StopDeliveryStreamEncryptionCommand({ DeliveryStreamName }));
  assert.equal((await put('plain-on-the-disk')).Encrypted, false);
  const folder = join(world.server.dataDir, 'engine');
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const contents = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name))),
  );
  assert.ok(contents.some((content) => content.includes('plain-on-the-disk')));
  assert.ok(!contents.some((content) => content.includes('hidden-from-the-disk')));
});

test('a put that is retried with its invocation id stores nothing twice', async () => {
  const DeliveryStreamName = 'repeated';
  await create(DeliveryStreamName);
  const send = () => {
    const command = new PutRecordBatchCommand({
      DeliveryStreamName,
      Records: [{ Data: Buffer.from('a') }, { Data: Buffer.from('b') }],
    });
    command.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        headers['amz-sdk-invocation-id'] = '0f1e2d3c-4b5a-4968-8776-655443322110';
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    return world.firehose.send(command);
  };
  const first = await send();
  const again = await send();
  assert.deepEqual(again.RequestResponses, first.RequestResponses);
  await world.createBucket('lake');
  await world.firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }));
  await until(async () => (await world.objects('lake')).some(({ key }) => key.includes('/repeated-')));
  const object = (await world.objects('lake')).find(({ key }) => key.includes('/repeated-'));
  assert.equal(object?.text, 'ab');
});

// https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeleteDeliveryStream.html
test('a delivery stream that is CREATING cannot be deleted', async () => {
  await using slow = await startFirehose({ lifecycleMs: 60_000 });
  const DeliveryStreamName = 'new';
  const ExtendedS3DestinationConfiguration = s3Destination('lake');
  await slow.firehose.send(
    new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration }),
  );
  assert.equal(
    await refusal(slow.firehose.send(new DeleteDeliveryStreamCommand({ DeliveryStreamName }))),
    'ResourceInUseException: Firehose new under account 000000000000 is not ACTIVE, instead in state CREATING',
  );
});

test('puts are limited in size, and need an existing delivery stream', async () => {
  await create('bounded');
  const batch = (count: number, bytes: number) =>
    refusal(
      world.firehose.send(
        new PutRecordBatchCommand({
          DeliveryStreamName: 'bounded',
          Records: Array.from({ length: count }, () => ({ Data: Buffer.alloc(bytes) })),
        }),
      ),
    );
  assert.match(await batch(501, 1), /less than or equal to 500/);
  assert.match(await batch(1, 1_024_001), /less than or equal to 1024000/);
  assert.match(await batch(5, 1_000_000), /InvalidArgumentException: Records size exceeds 4 MB limit/);
  const Record = { Data: Buffer.from('x') };
  assert.equal(
    await refusal(world.firehose.send(new PutRecordCommand({ DeliveryStreamName: 'nobody', Record }))),
    'ResourceNotFoundException: Firehose nobody under account 000000000000 not found.',
  );
});

test('UpdateDestination requires the current version, and keeps omitted members', async () => {
  const DeliveryStreamName = 'updated';
  await create(DeliveryStreamName, {
    ExtendedS3DestinationConfiguration: waiting({ CompressionFormat: 'GZIP', Prefix: 'a/' }),
  });
  const update = (changes: object) =>
    world.firehose.send(
      new UpdateDestinationCommand({
        DeliveryStreamName,
        CurrentDeliveryStreamVersionId: '1',
        DestinationId: 'destinationId-000000000001',
        ExtendedS3DestinationUpdate: { Prefix: 'b/' },
        ...changes,
      }),
    );
  assert.equal(
    await refusal(update({ DestinationId: 'destinationId-000000000002' })),
    'InvalidArgumentException: Destination Id destinationId-000000000002 not found',
  );
  await update({});
  const { VersionId, LastUpdateTimestamp, Destinations } = (await describeStream(DeliveryStreamName)) ?? {};
  assert.equal(VersionId, '2');
  assert.ok(LastUpdateTimestamp instanceof Date);
  assert.equal(Destinations?.[0]?.ExtendedS3DestinationDescription?.Prefix, 'b/');
  assert.equal(Destinations[0].ExtendedS3DestinationDescription.CompressionFormat, 'GZIP');
  assert.match(
    await refusal(update({})),
    /^ConcurrentModificationException: .*updated.* 2 .* 1 do not match/,
  );
  const dynamic = { ExtendedS3DestinationUpdate: { DynamicPartitioningConfiguration: { Enabled: true } } };
  assert.match(
    await refusal(update({ CurrentDeliveryStreamVersionId: '2', ...dynamic })),
    /InvalidArgument.*[Dd]ynamic partitioning/,
  );
});
