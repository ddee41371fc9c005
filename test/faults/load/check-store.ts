import { DescribeAlarmsCommand, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  ListTagsForStreamCommand,
  ListShardsCommand,
  type KinesisClient,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  type _Object,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { paginateListTopics, type SNSClient } from '@aws-sdk/client-sns';
import { createHash } from 'node:crypto';
import type { Clients } from './clients.ts';
import { objectOf, recordOf } from './content.ts';
import type { Known, Problem, Voice } from './known.ts';
import { ALARM, BUCKET, FUNCTION, METRIC } from './mixed-load.ts';

/** Reads all that a server has, and says what of it is not as its clients were told by the moment. */
export async function checkStore(clients: Clients, known: Known, moment: number): Promise<Problem[]> {
  const problems = await Promise.all([
    unlessRefused('streams', () => checkStreams(clients.kinesis, known, moment)),
    unlessRefused('objects', () => checkObjects(clients.s3, known, moment)),
    unlessRefused('function', () => checkFunction(clients, known, moment)),
    unlessRefused('topics', () => checkTopics(clients.sns, known, moment)),
    unlessRefused('alarm', () => checkAlarm(clients, known, moment)),
    unlessRefused('metric', () => checkMetric(clients, known, moment)),
  ]);
  return problems.flat();
}

async function unlessRefused(name: string, check: () => Promise<Problem[]>): Promise<Problem[]> {
  try {
    return await check();
  } catch (error) {
    return [{ kind: 'refused', text: `${name}: ${String(error)}` }];
  }
}

async function checkStreams(kinesis: KinesisClient, known: Known, moment: number): Promise<Problem[]> {
  const { StreamNames = [] } = await kinesis.send(new ListStreamsCommand({}));
  const problems: Problem[] = [];
  for (const [name, value] of known.values) {
    const stream = /^stream (.*)$/.exec(name)?.[1];
    if (stream === undefined) continue;
    const found = StreamNames.includes(stream) ? 'there' : '';
    problems.push(...value.check(name, found, moment));
    if (found === '') continue;
    const voices = [...known.voices.values()].filter((voice) => voice.stream === stream);
    problems.push(
      ...(await unlessRefused(`stream ${stream}`, () => checkRecords(kinesis, stream, voices, moment))),
    );
  }
  if (StreamNames.includes('plain')) {
    const { Tags = [] } = await kinesis.send(new ListTagsForStreamCommand({ StreamName: 'plain' }));
    const found = Tags.find(({ Key }) => Key === 'version')?.Value ?? '';
    problems.push(...checkValue(known, 'tag of stream plain', found, moment));
  }
  return problems;
}

async function checkRecords(
  kinesis: KinesisClient,
  stream: string,
  voices: readonly Voice[],
  moment: number,
): Promise<Problem[]> {
  const Shards = await listShards(kinesis, stream);
  const problems: Problem[] = [];
  const found: { key: string; n: number; sequenceNumber: bigint }[] = [];
  for (const shard of Shards) {
    for (const { key, text, sequenceNumber } of await readShard(kinesis, stream, shard)) {
      const n = numberOf(text);
      if (n === undefined || text !== recordOf(key, n)) {
        const text = `stream ${stream}, ${shard.ShardId}: wrong bytes in record ${sequenceNumber} of ${key}`;
        problems.push({ kind: 'wrong', text });
      } else {
        found.push({ key, n, sequenceNumber });
      }
    }
  }
  // A child's sequence numbers are above its parents'.
  found.sort((a, b) => (a.sequenceNumber < b.sequenceNumber ? -1 : 1));
  for (const voice of voices) {
    const own = found.filter(({ key }) => key === voice.key).map(({ n }) => n);
    problems.push(...voice.check(own, moment));
  }
  return problems;
}

async function listShards(kinesis: KinesisClient, stream: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let { Shards = [], NextToken } = await kinesis.send(new ListShardsCommand({ StreamName: stream }));
  shards.push(...Shards);
  while (NextToken !== undefined) {
    ({ Shards = [], NextToken } = await kinesis.send(new ListShardsCommand({ NextToken })));
    shards.push(...Shards);
  }
  return shards;
}

function numberOf(text: string): number | undefined {
  try {
    const { n } = JSON.parse(text) as { n: unknown };
    return typeof n === 'number' ? n : undefined;
  } catch {
    return undefined;
  }
}

interface StoredRecord {
  readonly key: string;
  readonly text: string;
  readonly sequenceNumber: bigint;
}

async function readShard(kinesis: KinesisClient, stream: string, shard: Shard): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  const start = { StreamName: stream, ShardId: shard.ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const;
  let { ShardIterator: iterator } = await kinesis.send(new GetShardIteratorCommand(start));
  while (iterator !== undefined) {
    const answer = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }));
    for (const { PartitionKey: key = '', Data, SequenceNumber = '' } of answer.Records ?? []) {
      records.push({ key, text: Buffer.from(Data ?? []).toString(), sequenceNumber: BigInt(SequenceNumber) });
    }
    iterator = answer.MillisBehindLatest === 0 ? undefined : answer.NextShardIterator;
  }
  return records;
}

async function checkObjects(s3: S3Client, known: Known, moment: number): Promise<Problem[]> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const isThere = Buckets.some(({ Name }) => Name === BUCKET);
  const problems = checkValue(known, `bucket ${BUCKET}`, isThere ? 'there' : '', moment);
  if (!isThere) return problems;
  let Contents: _Object[] = [];
  problems.push(
    ...(await unlessRefused('list of objects', async () => {
      ({ Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET })));
      return [];
    })),
  );
  const listed = new Set(Contents.map(({ Key }) => Key));
  for (const [name, value] of known.values) {
    const Key = /^object (.*)$/.exec(name)?.[1];
    if (Key === undefined) continue;
    const isListed = listed.delete(Key);
    problems.push(
      ...(await unlessRefused(name, async () => {
        const { version, problems: own } = await readObject(s3, Key);
        own.push(...value.check(name, version, moment));
        if (isListed && version === '')
          own.push({ kind: 'missing', text: `${name} is listed and not there` });
        if (!isListed && version !== '') own.push({ kind: 'missing', text: `${name} is not listed` });
        return own;
      })),
    );
  }
  for (const Key of listed) problems.push({ kind: 'wrong', text: `object ${Key} was never put` });
  return problems;
}

async function readObject(
  s3: S3Client,
  Key: string,
): Promise<{ readonly version: string; readonly problems: Problem[] }> {
  let answer: GetObjectCommandOutput;
  let bytes: Buffer;
  try {
    answer = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return { version: '', problems: [] };
    // The client's own check: the bytes were sent as if they were right.
    if (!String(error).includes('Checksum mismatch')) throw error;
    return { version: 'of other bytes than their checksum says', problems: [] };
  }
  const problems: Problem[] = [];
  const version = answer.Metadata?.['version'] ?? 'without metadata';
  const expected = objectOf(Key, version);
  if (!bytes.equals(expected)) {
    const text = `object ${Key}: wrong bytes, ${bytes.length} of them, as version ${version}`;
    problems.push({ kind: 'wrong', text });
  }
  const md5 = createHash('md5').update(bytes).digest('hex');
  // That of a multipart upload is made of its parts' hashes.
  if (answer.ETag !== `"${md5}"` && answer.ETag?.includes('-') !== true) {
    problems.push({ kind: 'wrong', text: `object ${Key}: ETag ${answer.ETag} of bytes with MD5 ${md5}` });
  }
  return { version, problems };
}

async function checkFunction({ lambda }: Clients, known: Known, moment: number): Promise<Problem[]> {
  let found = '';
  try {
    const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: FUNCTION }));
    const text = Buffer.from(Payload ?? []).toString();
    found = FunctionError === undefined ? String(JSON.parse(text)) : `${FunctionError}: ${text}`;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ResourceNotFoundException')) throw error;
  }
  return checkValue(known, 'function code', found, moment);
}

async function checkTopics(sns: SNSClient, known: Known, moment: number): Promise<Problem[]> {
  const found = new Set<string>();
  for await (const { Topics = [] } of paginateListTopics({ client: sns }, {})) {
    for (const { TopicArn = '' } of Topics) found.add(TopicArn.slice(TopicArn.lastIndexOf(':') + 1));
  }
  const problems: Problem[] = [];
  for (const [name, value] of known.values) {
    const topic = /^topic (.*)$/.exec(name)?.[1];
    if (topic === undefined) continue;
    problems.push(...value.check(name, found.has(topic) ? 'there' : '', moment));
  }
  return problems;
}

async function checkAlarm({ cloudWatch }: Clients, known: Known, moment: number): Promise<Problem[]> {
  const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [ALARM] }));
  return checkValue(known, 'threshold of the alarm', String(MetricAlarms[0]?.Threshold ?? ''), moment);
}

async function checkMetric({ cloudWatch }: Clients, known: Known, moment: number): Promise<Problem[]> {
  const voice = known.voice('', 'metric');
  const nowMs = Date.now();
  const { Datapoints = [] } = await cloudWatch.send(
    new GetMetricStatisticsCommand({
      ...METRIC,
      StartTime: new Date(nowMs - 7_200_000),
      EndTime: new Date(nowMs + 120_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  const sum = Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
  const [least, most] = [voice.acknowledgedBy(moment).length, voice.begunBy(moment)];
  if (sum >= least && sum <= most) return [];
  const text = `the metric counts ${sum}, and should ${least} to ${most}`;
  return [{ kind: sum < least ? 'missing' : 'wrong', text }];
}

function checkValue(known: Known, name: string, found: string, moment: number): Problem[] {
  return known.value(name).check(name, found, moment);
}
