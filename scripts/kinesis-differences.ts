/** Differences between nagare's Kinesis and AWS's that clients can observe, each with its test. For docs/operations.md. */
export interface Difference {
  readonly here: string;
  readonly onAws: string;
  /** File below test/, and the name of a test in it, or its beginning. */
  readonly test: readonly [file: string, name: string];
}

export const kinesisDifferences: readonly Difference[] = [
  {
    here: 'A call repeated with the same `amz-sdk-invocation-id`, as SDKs retry, stores nothing again and returns the first response, also after a restart.',
    onAws: 'The record is stored twice.',
    test: ['services/kinesis/operations/put-record.test.ts', 'a call repeated with its invocation id'],
  },
  {
    here: 'PutRecords stores all records or none, unless limits refuse some, and keeps their order in each shard.',
    onAws: 'Any record may fail individually, and the order is not guaranteed.',
    test: ['services/kinesis/operations/put-records.test.ts', 'each record gets its place'],
  },
  {
    here: "A shard's sequence numbers always increase in the order of the responses; SequenceNumberForOrdering is validated and has no effect.",
    onAws: 'Without SequenceNumberForOrdering only the order of arrival counts.',
    test: ['services/kinesis/operations/put-record.test.ts', 'SequenceNumberForOrdering is checked'],
  },
  {
    here: 'Streams and consumers are ACTIVE, changed or deleted when the call returns, unless `--lifecycle-ms` keeps them CREATING, UPDATING and DELETING for a time.',
    onAws: 'Each takes seconds to minutes.',
    test: ['services/kinesis/operations/create-stream.test.ts', 'a new stream has even shards'],
  },
  {
    here: 'Nothing is throttled and no quotas are enforced, except with `--limits aws` ([limits](limits.md)).',
    onAws: 'Always.',
    test: ['services/kinesis/throttle/writes.test.ts', 'a stream can have its own limits, or none'],
  },
  {
    here: 'An on-demand stream splits a shard that stays above half its capacity, and merges cold neighbours down to four.',
    onAws: 'Capacity is doubled for the peak of the last 30 days; AWS does not document how.',
    test: [
      'services/kinesis/shards/on-demand.test.ts',
      'a shard that stays above half its capacity is split',
    ],
  },
  {
    here: 'Encryption accepts any KeyId and returns it. The server has its own key for each stream, under a master key in a file or the environment.',
    onAws: 'The key is in AWS KMS; it must exist and allow the use. Errors are those of KMS.',
    test: [
      'services/kinesis/operations/start-stream-encryption.test.ts',
      'records put afterwards are unreadable on disk',
    ],
  },
  {
    here: 'DescribeStreamSummary returns the StreamId only with `--stream-ids shown`: with a StreamId the KCL sends its calls to AWS.',
    onAws: 'It is always returned.',
    test: [
      'services/kinesis/operations/describe-stream-summary.test.ts',
      'the StreamId is returned only when',
    ],
  },
  {
    here: 'Resource policies are enforced only with `--auth required`; without a root key they are validated and stored.',
    onAws: 'They are always enforced.',
    test: [
      'conformance/stream-options.suite.ts',
      'a policy that denies all has no effect: signatures are not checked',
    ],
  },
  {
    here: 'The commitment to a minimum throughput costs nothing, and warm throughput has no effect: a stream accepts any throughput.',
    onAws: 'Both are paid capacity.',
    test: [
      'services/kinesis/operations/update-stream-warm-throughput.test.ts',
      'it is stored for on-demand streams of accounts with a commitment',
    ],
  },
  {
    here: 'Channels deliver to S3, and to tables of an Iceberg catalog in nagare.yaml ([iceberg](iceberg.md)); schema registries, KMS keys, logs in CloudWatch and storage classes other than STANDARD are refused by name. A stream can have 20 channels, with a freshness of one second ([channels](channels.md)).',
    onAws: 'All of these are supported, with one channel per stream.',
    test: ['services/kinesis/operations/create-channel.test.ts', 'unsupported options, by name'],
  },
  {
    here: 'Records expire to the millisecond, for all readers.',
    onAws: 'They expire some time after the retention period.',
    test: [
      'services/kinesis/operations/get-records.test.ts',
      'records expire to the millisecond after the retention period',
    ],
  },
  {
    here: 'If the disk is full, a call fails with InternalFailure (500), and stores nothing.',
    onAws: 'This does not happen.',
    test: ['server/full-disk.suite.ts', 'a full disk is an error for the caller'],
  },
];
