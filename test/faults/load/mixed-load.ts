import { PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import {
  AddTagsToStreamCommand,
  CreateStreamCommand,
  PutRecordCommand,
  PutRecordsCommand,
  StartStreamEncryptionCommand,
  UpdateShardCountCommand,
} from '@aws-sdk/client-kinesis';
import { CreateFunctionCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CreateTopicCommand } from '@aws-sdk/client-sns';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from './clients.ts';
import { answerOf, functionZip, objectOf, recordOf } from './content.ts';
import type { Known } from './known.ts';
import { until } from '../../support/until.ts';

export const BUCKET = 'bucket';
export const FUNCTION = 'coded';
export const ALARM = 'alarm';
export const METRIC = { Namespace: 'load', MetricName: 'steps' };
const STREAMS = { plain: 3, secret: 2 };
const KEYS_EACH = 4;
const OBJECT_KEYS = ['a', 'b', 'folder/c', 'folder/d', 'large'];
const PART_BYTES = 5 * 1024 * 1024;

/** Everything that a server stores, of every kind, by clients that note what they were told. */
export class MixedLoad {
  readonly #known: Known;
  readonly #random: () => number;
  /** Of calls that failed. */
  readonly errors = new Map<string, number>();
  readonly #topicsMax: number;
  #version = 0;
  #topics = 0;

  constructor(known: Known, random: () => number, options: { readonly topicsMax?: number } = {}) {
    this.#known = known;
    this.#random = random;
    this.#topicsMax = options.topicsMax ?? Infinity;
  }

  /** Makes what the rest needs, as far as it is not there. */
  async prepare({ kinesis, s3 }: Clients): Promise<void> {
    for (const [StreamName, ShardCount] of Object.entries(STREAMS)) {
      await this.#once(`stream ${StreamName}`, () =>
        kinesis.send(new CreateStreamCommand({ StreamName, ShardCount })),
      );
    }
    await this.#once('encryption secret', () =>
      kinesis.send(
        new StartStreamEncryptionCommand({
          StreamName: 'secret',
          EncryptionType: 'KMS',
          KeyId: 'alias/aws/kinesis',
        }),
      ),
    );
    await this.#once(`bucket ${BUCKET}`, () => s3.send(new CreateBucketCommand({ Bucket: BUCKET })));
  }

  /** Until the signal; ends when all calls have been answered. */
  async run(clients: Clients, end: AbortSignal): Promise<void> {
    const work: Promise<void>[] = [];
    const again = (pauseMs: number, step: () => Promise<unknown>): void => {
      work.push(this.#repeat(pauseMs, step, end));
    };
    for (const stream of Object.keys(STREAMS)) {
      for (let key = 0; key < KEYS_EACH; key++) again(8, () => this.#putRecords(clients, stream, `k${key}`));
    }
    for (const key of OBJECT_KEYS) again(25, () => this.#putObject(clients, key));
    again(300, () => this.#putLargeObject(clients));
    again(80, () => this.#putCode(clients));
    again(20, () => this.#tag(clients));
    again(30, () => this.#makeTopic(clients));
    again(20, () => this.#setAlarm(clients));
    again(15, () => this.#countStep(clients));
    again(1000, () => this.#reshard(clients));
    await Promise.all(work);
  }

  /** For so long, and until it is enough. */
  async runFor(clients: Clients, loadMs: number, isEnough: () => boolean): Promise<void> {
    const end = new AbortController();
    const running = this.run(clients, end.signal);
    try {
      await Promise.race([running, sleep(loadMs)]);
      await Promise.race([
        running,
        until(() => Promise.resolve(isEnough()), {
          what: isEnough.toString(),
          withinMs: 120_000,
          pauseMs: 50,
        }),
      ]);
    } finally {
      end.abort();
    }
    await running;
  }

  async #repeat(pauseMs: number, step: () => Promise<unknown>, end: AbortSignal): Promise<void> {
    while (!end.aborted) {
      this.#note(await step());
      await sleep(this.#random() * 2 * pauseMs, undefined, { signal: end }).catch(() => undefined);
    }
  }

  #note(error: unknown): void {
    // A stream that is being resharded takes no tags.
    if (error === undefined || (error instanceof Error && error.name === 'ResourceInUseException')) return;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error);
    this.errors.set(text, (this.errors.get(text) ?? 0) + 1);
  }

  async #once(name: string, call: () => Promise<unknown>): Promise<void> {
    const value = this.#known.value(name);
    // One that failed may have been carried out all the same.
    if (value.newest !== '') return;
    for (let attempt = 0; ; attempt++) {
      const error = await value.become('there', call);
      const isThere = error === undefined || (error instanceof Error && /InUse|Owned/.test(error.name));
      if (isThere) return;
      this.#note(error);
      if (attempt === 20) throw error;
      await sleep(50);
    }
  }

  #putRecords({ kinesis }: Clients, StreamName: string, key: string): Promise<unknown> {
    const count = this.#random() < 0.5 ? 1 : 1 + Math.floor(this.#random() * 12);
    return this.#known.voice(StreamName, key).put(count, (numbers) => {
      const records = numbers.map((n) => ({ PartitionKey: key, Data: Buffer.from(recordOf(key, n)) }));
      const [first] = records;
      return count === 1 && first !== undefined
        ? kinesis.send(new PutRecordCommand({ StreamName, ...first }))
        : kinesis.send(new PutRecordsCommand({ StreamName, Records: records }));
    });
  }

  #putObject({ s3 }: Clients, Key: string): Promise<unknown> {
    const value = this.#known.value(`object ${Key}`);
    const object = { Bucket: BUCKET, Key };
    if (value.newest !== '' && this.#random() < 0.2) {
      return value.become('', () => s3.send(new DeleteObjectCommand(object)));
    }
    const bytes = [0, 30, 3000, 40_000, 300_000][Math.floor(this.#random() * 5)] ?? 0;
    const version = `${++this.#version}/${bytes}`;
    const Body = objectOf(Key, version);
    return value.become(version, () =>
      s3.send(new PutObjectCommand({ ...object, Body, Metadata: { version } })),
    );
  }

  #putLargeObject({ s3 }: Clients): Promise<unknown> {
    const object = { Bucket: BUCKET, Key: 'multipart' };
    const version = `${++this.#version}/${PART_BYTES + 1000}`;
    const body = objectOf(object.Key, version);
    return this.#known.value('object multipart').become(version, async () => {
      const { UploadId } = await s3.send(
        new CreateMultipartUploadCommand({ ...object, Metadata: { version } }),
      );
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const [place, Body] of [body.subarray(0, PART_BYTES), body.subarray(PART_BYTES)].entries()) {
        const PartNumber = place + 1;
        const { ETag } = await s3.send(new UploadPartCommand({ ...object, UploadId, PartNumber, Body }));
        Parts.push({ PartNumber, ETag });
      }
      await s3.send(new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload: { Parts } }));
    });
  }

  #putCode({ lambda }: Clients): Promise<unknown> {
    const value = this.#known.value('function code');
    // One whose making failed may be there all the same.
    const isThere = value.acknowledgedBy(Infinity) > 0 || (value.newest !== '' && this.#random() < 0.5);
    const version = `version ${++this.#version}`;
    const ZipFile = functionZip(version);
    return value.become(answerOf(version), () =>
      isThere
        ? lambda.send(new UpdateFunctionCodeCommand({ FunctionName: FUNCTION, ZipFile }))
        : lambda.send(
            new CreateFunctionCommand({
              FunctionName: FUNCTION,
              Runtime: 'nodejs22.x',
              Handler: 'index.handler',
              Role: 'arn:aws:iam::000000000000:role/any',
              Timeout: 60,
              Code: { ZipFile },
            }),
          ),
    );
  }

  #tag({ kinesis }: Clients): Promise<unknown> {
    const version = String(++this.#version);
    const tags = { StreamName: 'plain', Tags: { version } };
    return this.#known
      .value('tag of stream plain')
      .become(version, () => kinesis.send(new AddTagsToStreamCommand(tags)));
  }

  async #makeTopic({ sns }: Clients): Promise<unknown> {
    if (this.#topics >= this.#topicsMax) return undefined;
    const Name = `topic-${++this.#topics}`;
    return this.#known
      .value(`topic ${Name}`)
      .become('there', () => sns.send(new CreateTopicCommand({ Name })));
  }

  #setAlarm({ cloudWatch }: Clients): Promise<unknown> {
    const Threshold = ++this.#version;
    const alarm = {
      ...METRIC,
      AlarmName: ALARM,
      Threshold,
      EvaluationPeriods: 1,
      Period: 60,
      Statistic: 'Sum',
      ComparisonOperator: 'GreaterThanThreshold',
    } as const;
    return this.#known
      .value('threshold of the alarm')
      .become(String(Threshold), () => cloudWatch.send(new PutMetricAlarmCommand(alarm)));
  }

  /** The metric's count: each sample is one step. */
  #countStep({ cloudWatch }: Clients): Promise<unknown> {
    const { Namespace, MetricName } = METRIC;
    const data = { Namespace, MetricData: [{ MetricName, Value: 1 }] };
    return this.#known.voice('', 'metric').put(1, () => cloudWatch.send(new PutMetricDataCommand(data)));
  }

  async #reshard({ kinesis }: Clients): Promise<unknown> {
    const TargetShardCount = 2 + Math.floor(this.#random() * 3);
    const target = { StreamName: 'plain', TargetShardCount, ScalingType: 'UNIFORM_SCALING' } as const;
    // More than double or less than half is refused; so is one while another is under way.
    return await kinesis.send(new UpdateShardCountCommand(target)).then(
      () => undefined,
      () => undefined,
    );
  }
}
