/** What clients can tell nagare's Kinesis from AWS's by, and the test that holds it. For docs/operations.md. */
export interface Difference {
  readonly here: string;
  readonly onAws: string;
  /** Below test/, and the test's name there, or its beginning. */
  readonly test: readonly [file: string, name: string];
}

export const kinesisDifferences: readonly Difference[] = [
  {
    here: 'A call that is repeated with the same `amz-sdk-invocation-id`, as SDKs repeat what got no answer, stores nothing again and gets the first answer, also after a restart.',
    onAws: 'The record is there twice.',
    test: [
      'services/kinesis/operations/put-record.test.ts',
      'a call that is repeated with its invocation id',
    ],
  },
  {
    here: 'PutRecords stores all records or none, unless limits keep some out, and keeps their order in each shard.',
    onAws: 'Any record may fail by itself, and the order is not promised.',
    test: ['services/kinesis/operations/put-records.test.ts', 'each record gets its place'],
  },
  {
    here: "A shard's sequence numbers always rise in the order of the answers; SequenceNumberForOrdering is checked and changes nothing.",
    onAws: 'Without SequenceNumberForOrdering only the order of arrival counts.',
    test: ['services/kinesis/operations/put-record.test.ts', 'SequenceNumberForOrdering is checked'],
  },
  {
    here: 'Streams and consumers are ACTIVE, changed or gone when the call is answered, unless `--lifecycle-ms` lets them be CREATING, UPDATING and DELETING for a time.',
    onAws: 'Each takes seconds to minutes.',
    test: ['services/kinesis/operations/create-stream.test.ts', 'a new stream has so many even shards'],
  },
  {
    here: 'Nothing is throttled and no quota holds, unless `--limits aws` asks for it ([limits](limits.md)).',
    onAws: 'Always.',
    test: ['services/kinesis/throttle/writes.test.ts', 'a stream may have limits of its own, or none'],
  },
  {
    here: 'An on-demand stream splits a shard that stays above half its capacity, and merges cold neighbours down to four.',
    onAws: 'Capacity is doubled for the peak of the last 30 days; how, is not told.',
    test: [
      'services/kinesis/shards/on-demand.test.ts',
      'a shard that stays above half its capacity is split',
    ],
  },
  {
    here: 'Encryption takes any KeyId and shows it. The key is one of the server for each stream, under a master key in a file or the environment.',
    onAws: "A key of AWS KMS, which has to be there and allow it; KMS' errors.",
    test: [
      'services/kinesis/operations/start-stream-encryption.test.ts',
      'records put from then on are unreadable on disk',
    ],
  },
  {
    here: 'DescribeStreamSummary keeps the StreamId to itself, unless `--stream-ids shown`: a KCL that is told one sends its calls to AWS with it.',
    onAws: 'It is told.',
    test: ['services/kinesis/operations/describe-stream-summary.test.ts', 'the StreamId is told only when'],
  },
  {
    here: 'Resource policies are checked and kept. As signatures are not looked at, there is nobody whom they could keep out.',
    onAws: 'They are enforced.',
    test: [
      'conformance/stream-options.suite.ts',
      'a policy that denies all keeps nobody out: signatures are not looked at',
    ],
  },
  {
    here: 'The commitment to a minimum of throughput costs nothing, and warm throughput is what a stream says of itself: it is ready for any.',
    onAws: 'Both are capacity that is paid for.',
    test: [
      'services/kinesis/operations/update-stream-warm-throughput.test.ts',
      'it is kept for on-demand streams of accounts with a commitment',
    ],
  },
  {
    here: 'Channels deliver to S3, and to tables of an Iceberg catalog that nagare.yaml names ([iceberg](iceberg.md)); with a schema registry, a key of KMS, logs in CloudWatch or another storage class than STANDARD they are refused by name. Up to 20 of a stream, as fresh as a second ([channels](channels.md)).',
    onAws: 'All of these, one channel of a stream.',
    test: ['services/kinesis/operations/create-channel.test.ts', 'options that are not there, by name'],
  },
  {
    here: 'Records expire to the millisecond, for all who read.',
    onAws: 'At some time after the retention period.',
    test: [
      'services/kinesis/operations/get-records.test.ts',
      'records are gone to the millisecond when they are older than the retention',
    ],
  },
  {
    here: 'A call for which there is no room on the disk is refused with InternalFailure (500), and nothing of it is stored.',
    onAws: 'There is no such thing.',
    test: ['server/full-disk.suite.ts', 'a full disk is an error to the caller'],
  },
];
