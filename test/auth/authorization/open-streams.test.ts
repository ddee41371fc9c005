/** A call was authorized when it came: a subscription went on although its key was disabled, or its policy taken away. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import {
  CreateStreamCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis';
import { until } from '../../support/until.ts';
import { allow, type ClientOptions, openScene, type Scene } from './scene.ts';

describe('an open event stream', () => {
  let scene: Scene;
  let root: KinesisClient;
  let StreamARN = '';
  before(async () => {
    scene = await openScene();
    root = new KinesisClient(scene.root);
    await root.send(new CreateStreamCommand({ StreamName: 'orders', ShardCount: 1 }));
    const summary = await root.send(new DescribeStreamSummaryCommand({ StreamName: 'orders' }));
    StreamARN = summary.StreamDescriptionSummary?.StreamARN ?? '';
  });
  after(async () => {
    root.destroy();
    await scene[Symbol.asyncDispose]();
  });

  /** Subscribes as a consumer of that name, and resolves with what arrives. */
  async function subscribed(ConsumerName: string, who: ClientOptions) {
    await root.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }));
    const ConsumerARN = await until(async () => {
      const described = await root.send(new DescribeStreamConsumerCommand({ StreamARN, ConsumerName }));
      const { ConsumerStatus, ConsumerARN: arn } = described.ConsumerDescription ?? {};
      return ConsumerStatus === 'ACTIVE' && arn;
    });
    const client = new KinesisClient(who);
    const input = {
      ConsumerARN,
      ShardId: 'shardId-000000000000',
      StartingPosition: { Type: 'TRIM_HORIZON' as const },
    };
    const { EventStream } = await client.send(new SubscribeToShardCommand(input));
    const seen = { records: 0, hasEnded: false };
    void (async () => {
      for await (const event of EventStream ?? assert.fail()) {
        seen.records += event.SubscribeToShardEvent?.Records?.length ?? 0;
      }
    })()
      .catch(() => undefined)
      .finally(() => {
        seen.hasEnded = true;
        client.destroy();
      });
    return seen;
  }

  const put = () => root.send(new PutRecordCommand({ StreamARN, PartitionKey: 'k', Data: Buffer.from('a') }));

  it('ends when the policy is taken away, or the key is disabled; others go on', async () => {
    const leaver = await scene.user('leaver', allow('kinesis:SubscribeToShard'));
    const disabled = await scene.user('disabled', allow('kinesis:SubscribeToShard'));
    const stayer = await scene.user('stayer', allow('kinesis:SubscribeToShard'));
    const streams = {
      leaver: await subscribed('leaver', leaver),
      disabled: await subscribed('disabled', disabled),
      stayer: await subscribed('stayer', stayer),
    };
    await put();
    await until(() => Object.values(streams).every(({ records }) => records === 1));
    await scene.putPolicy('leaver', allow('kinesis:ListStreams'));
    await scene.iam.send(
      new UpdateAccessKeyCommand({
        UserName: 'disabled',
        AccessKeyId: disabled.credentials.accessKeyId,
        Status: 'Inactive',
      }),
    );
    await until(() => streams.leaver.hasEnded && streams.disabled.hasEnded);
    await put();
    await until(() => streams.stayer.records === 2);
    assert.equal(streams.leaver.records, 1);
    assert.equal(streams.stayer.hasEnded, false);
  });
});
