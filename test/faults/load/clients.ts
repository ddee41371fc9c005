import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { clientOptions } from '../../support/client.ts';

/** AWS's own clients for one server. A call is made once: what came of a call that failed is not known. */
export class Clients {
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
  readonly lambda: LambdaClient;
  readonly sns: SNSClient;
  readonly cloudWatch: CloudWatchClient;

  constructor(endpoint: string) {
    const options = { ...clientOptions(endpoint), maxAttempts: 1 };
    this.kinesis = new KinesisClient(options);
    this.s3 = new S3Client({ ...options, forcePathStyle: true });
    this.lambda = new LambdaClient(options);
    this.sns = new SNSClient(options);
    this.cloudWatch = new CloudWatchClient(options);
  }

  [Symbol.dispose](): void {
    for (const client of [this.kinesis, this.s3, this.lambda, this.sns, this.cloudWatch]) client.destroy();
  }
}
