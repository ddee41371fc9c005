import assert from 'node:assert/strict';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DescribeDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { clientOptions } from '../../support/client.ts';
import { declared } from '../../support/declarations.ts';
import { refusalOf } from '../../support/refusal.ts';
import { startTestServer } from '../../support/server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const BufferingHints = { sizeInMBs: 1, intervalInSeconds: 0 };
const s3 = (more: object = {}) => ({
  bucketARN: 'arn:aws:s3:::lake',
  bufferingHints: BufferingHints,
  ...more,
});

const describeIn = async (endpoint: string) => {
  const firehose = new FirehoseClient(clientOptions(endpoint));
  const { DeliveryStreamDescription } = await firehose.send(
    new DescribeDeliveryStreamCommand({ DeliveryStreamName: 'orders-to-lake' }),
  );
  firehose.destroy();
  return DeliveryStreamDescription;
};

const refusal = (destination: object, more: object = {}) =>
  refusalOf({
    deliveryStreams: { lake: { extendedS3DestinationConfiguration: destination, ...more } },
  });

describe('a delivery stream declared in nagare.yaml', () => {
  it('posts to an HTTP endpoint, whose key is never returned', async () => {
    const httpEndpointDestinationConfiguration = {
      endpointConfiguration: { url: 'http://127.0.0.1:1/', accessKey: 'secret' },
      s3Configuration: { bucketARN: 'arn:aws:s3:::lake' },
      retryOptions: { durationInSeconds: 60 },
    };
    await using server = await startTestServer({
      declarations: declared({
        deliveryStreams: { 'orders-to-lake': { httpEndpointDestinationConfiguration } },
      }),
    });
    const [destination] = (await describeIn(server.endpoint))?.Destinations ?? [];
    const { EndpointConfiguration, RetryOptions, S3BackupMode } =
      destination?.HttpEndpointDestinationDescription ?? {};
    assert.deepEqual(EndpointConfiguration, { Url: 'http://127.0.0.1:1/' });
    assert.deepEqual([RetryOptions?.DurationInSeconds, S3BackupMode], [60, 'FailedDataOnly']);
  });

  it('delivers its stream, and changes its destination', async () => {
    const folder = await temporaryFolder();
    const dataDir = join(folder, 'data');
    const start = (destination: object) =>
      startTestServer({
        dataDir,
        declarations: declared({
          streams: { orders: { shardCount: 1 } },
          buckets: ['lake'],
          deliveryStreams: {
            'orders-to-lake': {
              stream: 'orders',
              startingPosition: 'TRIM_HORIZON',
              extendedS3DestinationConfiguration: destination,
              tags: { team: 'shop' },
            },
          },
        }),
      });
    let server = await start(s3());
    const kinesis = new KinesisClient(clientOptions(server.endpoint));
    await kinesis.send(
      new PutRecordCommand({ StreamName: 'orders', PartitionKey: 'k', Data: Buffer.from('x') }),
    );
    kinesis.destroy();
    await until(async () => {
      const files = await readdir(join(dataDir, 'objects', 'lake'), { recursive: true });
      return files.some((file) => file.includes('orders-to-lake-1-'));
    });
    assert.equal((await describeIn(server.endpoint))?.VersionId, '1');
    await server.close();
    server = await start(s3());
    assert.equal((await describeIn(server.endpoint))?.VersionId, '1', 'nothing has changed');
    await server.close();
    server = await start(s3({ prefix: 'new/' }));
    const description = await describeIn(server.endpoint);
    assert.equal(description?.VersionId, '2');
    assert.equal(description?.Destinations?.[0]?.ExtendedS3DestinationDescription?.Prefix, 'new/');
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is validated like a CreateDeliveryStream request', async () => {
    assert.match(
      await refusalOf({ deliveryStreams: { 'a b': { extendedS3DestinationConfiguration: s3() } } }),
      /'a b' at 'deliveryStreamName' .* pattern/,
    );
    assert.match(
      await refusal(s3({ bufferingHints: { sizeInMBs: 129, intervalInSeconds: 0 } })),
      /sizeInMBs.* less than or equal to 128/,
    );
    assert.match(await refusal(s3({ prefix: '!{wrong:x}' })), /wrong/);
    assert.match(await refusalOf({ deliveryStreams: { lake: {} } }), /Exactly one destination configuration/);
  });
});
