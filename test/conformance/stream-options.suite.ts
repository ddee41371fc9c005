import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { onlyLocally, openSubject, refuses, texts, until } from './subject.ts';

const subject = await openSubject();
after(() => subject.close());
const { kinesis } = subject;

/** AWS's own key for Kinesis: every account has it, and it costs nothing. */
const KeyId = 'alias/aws/kinesis';

test('encryption is reported for the stream, puts and reads; earlier records stay readable', async () => {
  const StreamName = await subject.stream();
  await subject.put(StreamName, 'plain');
  await kinesis.startStreamEncryption({ StreamName, EncryptionType: 'KMS', KeyId });
  await subject.active(StreamName);
  const summary = await subject.summary(StreamName);
  assert.deepEqual([summary.EncryptionType, summary.KeyId], ['KMS', KeyId]);
  const answer = await kinesis.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.from('secret') });
  assert.equal(answer.EncryptionType, 'KMS');
  await kinesis.stopStreamEncryption({ StreamName, EncryptionType: 'KMS', KeyId });
  await subject.active(StreamName);
  assert.equal((await subject.summary(StreamName)).EncryptionType, 'NONE');
  await subject.put(StreamName, 'plain again');
  const records = await subject.read(await subject.iterator(StreamName), 3);
  assert.deepEqual(texts(records), ['plain', 'secret', 'plain again']);
  assert.equal(records[1]?.EncryptionType, 'KMS');
});

test('KMS is the only type of encryption', async () => {
  const StreamName = await subject.stream();
  await refuses(
    kinesis.startStreamEncryption({ StreamName, EncryptionType: 'NONE', KeyId }),
    'InvalidArgumentException',
  );
});

test('shard-level metrics can be enabled and disabled one by one, or with ALL', async () => {
  const StreamName = await subject.stream();
  const on = await kinesis.enableEnhancedMonitoring({
    StreamName,
    ShardLevelMetrics: ['IncomingBytes', 'OutgoingBytes'],
  });
  assert.deepEqual(on.CurrentShardLevelMetrics ?? [], []);
  assert.deepEqual(on.DesiredShardLevelMetrics?.toSorted(), ['IncomingBytes', 'OutgoingBytes']);
  await subject.active(StreamName);
  const off = await kinesis.disableEnhancedMonitoring({ StreamName, ShardLevelMetrics: ['ALL'] });
  assert.deepEqual(off.CurrentShardLevelMetrics?.toSorted(), ['IncomingBytes', 'OutgoingBytes']);
  await until('none', async () => {
    const { EnhancedMonitoring, StreamStatus } = await subject.summary(StreamName);
    return StreamStatus === 'ACTIVE' && EnhancedMonitoring?.[0]?.ShardLevelMetrics?.length === 0;
  });
  await refuses(
    kinesis.enableEnhancedMonitoring({ StreamName, ShardLevelMetrics: [] }),
    'ValidationException',
    /'shardLevelMetrics'/,
  );
});

test('a resource policy is stored, returned and deleted; an invalid one is refused', async () => {
  const StreamName = await subject.stream();
  const ResourceARN = await subject.arn(StreamName);
  const account = ResourceARN.split(':')[4] ?? '';
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'read',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:root` },
        Action: ['kinesis:GetRecords', 'kinesis:GetShardIterator'],
        Resource: ResourceARN,
      },
    ],
  });
  await kinesis.putResourcePolicy({ ResourceARN, Policy });
  const got = await kinesis.getResourcePolicy({ ResourceARN });
  assert.deepEqual(JSON.parse(got.Policy ?? ''), JSON.parse(Policy));
  await kinesis.deleteResourcePolicy({ ResourceARN });
  await refuses(kinesis.putResourcePolicy({ ResourceARN, Policy: '{' }), 'InvalidArgumentException');
});

test('the record distribution strategy requires an on-demand stream', async () => {
  const provisioned = await subject.stream();
  await assert.rejects(
    kinesis.updateStreamRecordDistributionStrategy({
      StreamARN: await subject.arn(provisioned),
      RecordDistributionStrategy: 'AUTO',
    }),
    { name: /^(InvalidArgumentException|ValidationException)$/ },
  );
  const onDemand = await subject.stream({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  await kinesis.updateStreamRecordDistributionStrategy({
    StreamARN: await subject.arn(onDemand),
    RecordDistributionStrategy: 'AUTO',
  });
  await subject.active(onDemand);
  assert.equal((await subject.summary(onDemand)).RecordDistributionStrategy, 'AUTO');
  const { ShardId } = await kinesis.putRecord({
    StreamName: onDemand,
    Data: Buffer.from('without a key'),
  });
  assert.match(ShardId ?? '', /^shardId-\d{12}$/);
});

test(
  'a policy that denies all has no effect: signatures are not checked',
  { skip: onlyLocally('AWS enforces policies') },
  async () => {
    const stream = await subject.stream();
    const ResourceARN = await subject.arn(stream);
    const Statement = { Effect: 'Deny', Principal: '*', Action: '*', Resource: ResourceARN };
    await kinesis.putResourcePolicy({ ResourceARN, Policy: JSON.stringify({ Statement }) });
    await subject.put(stream, 'x');
  },
);
