import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { HALF, openSubject, refuses, SHARD_0, until } from './subject.ts';

/** Long enough that a state is seen on a busy machine, too. */
const subject = await openSubject(1500);
after(() => subject.close());
const { kinesis } = subject;

test('a stream is CREATING, then ACTIVE, then DELETING, then not found', async () => {
  const StreamName = subject.newName();
  await kinesis.createStream({ StreamName, ShardCount: 1 });
  assert.equal((await subject.summary(StreamName)).StreamStatus, 'CREATING');
  await refuses(
    kinesis.createStream({ StreamName, ShardCount: 1 }),
    'ResourceInUseException',
    `Stream ${StreamName} under account <account> already exists.`,
  );
  await subject.active(StreamName);
  await kinesis.deleteStream({ StreamName });
  assert.equal((await subject.summary(StreamName)).StreamStatus, 'DELETING');
  await subject.gone(StreamName);
  await refuses(
    kinesis.describeStream({ StreamName }),
    'ResourceNotFoundException',
    `Stream ${StreamName} under account <account> not found.`,
  );
});

test('while a stream is CREATING it accepts no records and no changes', async () => {
  const StreamName = subject.newName();
  await kinesis.createStream({ StreamName, ShardCount: 1 });
  await refuses(
    kinesis.putRecord({ StreamName, PartitionKey: 'k', Data: Buffer.from('x') }),
    'ResourceNotFoundException',
  );
  await refuses(
    kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 48 }),
    'ResourceInUseException',
  );
  await subject.active(StreamName);
});

test('a consumer is CREATING, then ACTIVE, then DELETING, then not found', async () => {
  const stream = await subject.stream();
  const StreamARN = await subject.arn(stream);
  const { Consumer } = await kinesis.registerStreamConsumer({ StreamARN, ConsumerName: 'app' });
  assert.equal(Consumer?.ConsumerStatus, 'CREATING');
  assert.match(Consumer?.ConsumerARN ?? '', new RegExp(`^${StreamARN}/consumer/app:\\d{10}$`));
  const byName = { StreamARN, ConsumerName: 'app' };
  await until('ACTIVE', async () => {
    const { ConsumerDescription } = await kinesis.describeStreamConsumer(byName);
    return ConsumerDescription?.ConsumerStatus === 'ACTIVE';
  });
  await refuses(
    kinesis.registerStreamConsumer(byName),
    'ResourceInUseException',
    `Consumer app of stream ${stream} under account <account> already exists.`,
  );
  assert.equal((await subject.summary(stream)).ConsumerCount, 1);
  await kinesis.deregisterStreamConsumer(byName);
  const { ConsumerDescription } = await kinesis.describeStreamConsumer(byName);
  assert.equal(ConsumerDescription?.ConsumerStatus, 'DELETING');
  await until('gone', async () => {
    const { Consumers } = await kinesis.listStreamConsumers({ StreamARN });
    return Consumers?.length === 0;
  });
  await refuses(kinesis.describeStreamConsumer(byName), 'ResourceNotFoundException');
});

test('a stream that is being changed is UPDATING: it accepts records, but no other change', async () => {
  const StreamName = await subject.stream();
  await kinesis.splitShard({ StreamName, ShardToSplit: SHARD_0, NewStartingHashKey: HALF });
  assert.equal((await subject.summary(StreamName)).StreamStatus, 'UPDATING');
  await subject.put(StreamName, 'x');
  await refuses(
    kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 48 }),
    'ResourceInUseException',
    `Stream ${StreamName} under account <account> not ACTIVE, instead in state UPDATING`,
  );
  await subject.active(StreamName);
  await kinesis.increaseStreamRetentionPeriod({ StreamName, RetentionPeriodHours: 48 });
  assert.equal((await subject.summary(StreamName)).StreamStatus, 'UPDATING');
  await subject.active(StreamName);
});
