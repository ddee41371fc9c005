import assert from 'node:assert/strict';
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  PutRecordBatchCommand,
} from '@aws-sdk/client-firehose';
import { CreateBucketCommand, GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { clientOptions } from '../../support/client.ts';
import { until } from '../../support/until.ts';
import { type ClusterClient, numbersTo, repeat } from './client.ts';

const NAME = { DeliveryStreamName: 'numbers' };
const BUCKET = { Bucket: 'delivered' };
const BATCH = 3;

/** Puts numbered lines into a delivery stream, which writes them to S3. */
export class DeliveryClient implements ClusterClient {
  readonly name = 'a delivery stream';
  readonly answeredMs: number[] = [];
  readonly #firehose: FirehoseClient;
  readonly #s3: S3Client;
  #put = 0;

  private constructor(firehose: FirehoseClient, s3: S3Client) {
    this.#firehose = firehose;
    this.#s3 = s3;
  }

  /** The objects are in a store of their own. */
  static async start(endpoint: string, objectsAt: string): Promise<DeliveryClient> {
    const firehose = new FirehoseClient(clientOptions(endpoint));
    const s3 = new S3Client({ ...clientOptions(objectsAt), forcePathStyle: true });
    await s3.send(new CreateBucketCommand(BUCKET));
    await firehose.send(
      new CreateDeliveryStreamCommand({
        ...NAME,
        ExtendedS3DestinationConfiguration: {
          RoleARN: 'arn:aws:iam::000000000000:role/any',
          BucketARN: `arn:aws:s3:::${BUCKET.Bucket}`,
          BufferingHints: { IntervalInSeconds: 1, SizeInMBs: 1 },
        },
      }),
    );
    await until(async () => {
      const { DeliveryStreamDescription: found } = await firehose.send(
        new DescribeDeliveryStreamCommand(NAME),
      );
      return found?.DeliveryStreamStatus === 'ACTIVE';
    });
    return new DeliveryClient(firehose, s3);
  }

  async work(stop: AbortSignal): Promise<void> {
    await repeat(stop, () => this.#putBatch(), this.answeredMs);
  }

  async #putBatch(): Promise<void> {
    const Records = Array.from({ length: BATCH }, (_, n) => ({ Data: Buffer.from(`${this.#put + n}\n`) }));
    const { FailedPutCount } = await this.#firehose.send(new PutRecordBatchCommand({ ...NAME, Records }));
    assert.equal(FailedPutCount, 0);
    this.#put += BATCH;
  }

  /** Each line is in one object, once, and in an object they are in order. */
  async check(): Promise<string> {
    const expected = numbersTo(this.#put);
    const lines = await until(
      async () => {
        const found = await this.#lines();
        return found.length >= expected.length && found;
      },
      { what: 'all lines are delivered', pauseMs: 500, withinMs: 60_000 },
    );
    for (const ofObject of this.#read.values()) assert.deepEqual(ofObject, ofObject.toSorted(ascending));
    assert.deepEqual(lines.toSorted(ascending), expected);
    this.#firehose.destroy();
    this.#s3.destroy();
    return `${lines.length} lines in ${this.#read.size} objects`;
  }

  readonly #read = new Map<string, string[]>();

  async #lines(): Promise<string[]> {
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#s3 }, BUCKET)) {
      for (const { Key = '' } of Contents) {
        if (this.#read.has(Key)) continue;
        const { Body } = await this.#s3.send(new GetObjectCommand({ ...BUCKET, Key }));
        this.#read.set(Key, ((await Body?.transformToString()) ?? '').split('\n').slice(0, -1));
      }
    }
    return [...this.#read.values()].flat();
  }
}

function ascending(a: string, b: string): number {
  return Number(a) - Number(b);
}
