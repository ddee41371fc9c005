import { CreateDeliveryStreamCommand, FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordCommand as PutToStreamCommand,
} from '@aws-sdk/client-kinesis';
import { runCommand } from '../support/command.ts';
import { clientOptions } from '../support/server.ts';

/** Deliveries and objects to see in the console. */
export class Things {
  readonly #endpoint: string;
  readonly #firehose: FirehoseClient;
  readonly #kinesis: KinesisClient;
  readonly #s3: S3Client;

  constructor(endpoint: string) {
    const options = clientOptions(endpoint);
    this.#endpoint = endpoint;
    this.#firehose = new FirehoseClient(options);
    this.#kinesis = new KinesisClient(options);
    this.#s3 = new S3Client({ ...options, forcePathStyle: true });
  }

  /** A delivery stream that waits for its buffer, one whose bucket is missing, and a list log. */
  async open(): Promise<void> {
    await this.#s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
    await this.newDelivery('clicks-to-lake', 'lake', 900);
    await this.putToDelivery('clicks-to-lake', 'click');
    await this.newDelivery('clicks-to-nowhere', 'nowhere', 0);
    await this.putToDelivery('clicks-to-nowhere', 'click');
    await this.putObjects();
    await this.#kinesis.send(new CreateStreamCommand({ StreamName: 'spoken', ShardCount: 1 }));
    const place = ['--stream', 'spoken', '--bucket', 'logs', '--key', 'spoken/log.txt'];
    await runCommand(['list-log', 'create', 'spoken-log', ...place, '--endpoint', this.#endpoint]);
    for (const word of ['good', 'morning']) await this.say(word);
  }

  close(): void {
    this.#firehose.destroy();
    this.#kinesis.destroy();
    this.#s3.destroy();
  }

  /** Two pages of objects below a prefix, and a web page that must stay text. */
  async putObjects(): Promise<void> {
    const put = (Key: string, Body: string, ContentType = 'text/plain') =>
      this.#s3.send(
        new PutObjectCommand({ Bucket: 'lake', Key, Body, ContentType, Metadata: { by: 'ada' } }),
      );
    const keys = Array.from({ length: 120 }, (_, at) => `orders/2026/part-${1000 + at}.json`);
    await Promise.all(keys.map((key, at) => put(key, `{"order":${at},"id":18446744073709551617}`)));
    await put('site/index.html', '<script>document.title="run"</script>', 'text/html');
    await put('notes.txt', 'first line\nsecond line\n');
  }

  async newDelivery(DeliveryStreamName: string, bucket: string, IntervalInSeconds: number): Promise<void> {
    const ExtendedS3DestinationConfiguration = {
      RoleARN: 'arn:aws:iam::000000000000:role/any',
      BucketARN: `arn:aws:s3:::${bucket}`,
      BufferingHints: { SizeInMBs: 64, IntervalInSeconds },
    };
    await this.#firehose.send(
      new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration }),
    );
  }

  async putToDelivery(DeliveryStreamName: string, data: string): Promise<void> {
    const Record = { Data: Buffer.from(data) };
    await this.#firehose.send(new PutRecordCommand({ DeliveryStreamName, Record }));
  }

  /** Puts a record, which becomes a line of the list log. */
  async say(message: string): Promise<void> {
    const Data = Buffer.from(JSON.stringify({ message }));
    await this.#kinesis.send(new PutToStreamCommand({ StreamName: 'spoken', PartitionKey: 'k', Data }));
  }
}
