/** What `nagare demo` and the demo button of the console make, as calls of the API. */
export interface DemoStep {
  readonly service: 'kinesis' | 'listlog' | 'monitoring' | 's3';
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Codes of errors that say that nothing is to be done. */
  readonly unless: readonly string[];
}

export const DEMO_STREAM = 'demo-orders';
export const DEMO_BUCKET = 'demo-orders';
export const DEMO_KEY = 'orders.txt';
const LIST_LOG = 'demo-orders';
const ALARM = 'demo-orders-stopped';

export const createDemoStream: DemoStep = {
  service: 'kinesis',
  operation: 'CreateStream',
  input: { StreamName: DEMO_STREAM, ShardCount: 2 },
  unless: ['ResourceInUseException'],
};

/** Once the stream is active. */
export const fillDemo: readonly DemoStep[] = [
  {
    service: 'listlog',
    operation: 'CreateListLog',
    input: {
      ListLogName: LIST_LOG,
      Stream: DEMO_STREAM,
      Bucket: DEMO_BUCKET,
      Key: DEMO_KEY,
      Format: '{time:yyyy/MM/dd HH:mm:ss.SSS},{message}',
    },
    unless: ['ResourceInUseException'],
  },
  {
    service: 'monitoring',
    operation: 'PutMetricAlarm',
    input: {
      AlarmName: ALARM,
      AlarmDescription: 'No order arrives. "nagare demo --remove --yes" removes this alarm with the demo.',
      Namespace: 'AWS/Kinesis',
      MetricName: 'IncomingRecords',
      Dimensions: [{ Name: 'StreamName', Value: DEMO_STREAM }],
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    },
    unless: [],
  },
];

export const removeDemo: readonly DemoStep[] = [
  {
    service: 'monitoring',
    operation: 'DeleteAlarms',
    input: { AlarmNames: [ALARM] },
    unless: ['ResourceNotFound'],
  },
  {
    service: 'listlog',
    operation: 'DeleteListLog',
    input: { ListLogName: LIST_LOG },
    unless: ['ResourceNotFoundException'],
  },
  {
    service: 's3',
    operation: 'DeleteObject',
    input: { Bucket: DEMO_BUCKET, Key: DEMO_KEY },
    unless: ['NoSuchBucket', 'PermanentRedirect'],
  },
  {
    service: 's3',
    operation: 'DeleteBucket',
    input: { Bucket: DEMO_BUCKET },
    unless: ['NoSuchBucket', 'PermanentRedirect', 'BucketNotEmpty'],
  },
  {
    service: 'kinesis',
    operation: 'DeleteStream',
    input: { StreamName: DEMO_STREAM, EnforceConsumerDeletion: true },
    unless: ['ResourceNotFoundException'],
  },
];

const SHOPS = ['Kyoto', 'Lisbon', 'Oslo', 'Quito', 'Nairobi'];
const ITEMS = ['tea', 'paper', 'ink', 'lamp', 'bowl', 'map'];

/** A made-up order; the shop is its partition key. `random`: from 0 (included) to 1. */
export function demoOrder(number: number, id: string, random: () => number) {
  const oneOf = (words: readonly string[]): string => words[Math.floor(random() * words.length)] ?? '';
  const [shop, item] = [oneOf(SHOPS), oneOf(ITEMS)];
  const pieces = 1 + Math.floor(random() * 9);
  const price = Math.round(100 + random() * 9_900) / 100;
  const message = `${shop}: ${pieces} ${item} at ${price}`;
  return { order: id, number, shop, item, pieces, price, message };
}
