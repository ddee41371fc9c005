import type { MetricIdentity } from '../metrics.ts';

/** What one metric of the registry is called in Prometheus and OpenTelemetry. */
export interface Family {
  /** Without the suffix of its kind: `nagare_kinesis_incoming_records`. */
  readonly name: string;
  /**
   * `counter`: the sum of all samples. `gauge`: the largest sample of the last second that had one. `summary`: the sum
   * and the number of samples.
   */
  readonly kind: 'counter' | 'gauge' | 'summary';
  /** What samples are multiplied with: Prometheus measures in seconds and bytes. */
  readonly scale: number;
  readonly help: string;
}

/** States rather than events: their sum says nothing. */
const GAUGES =
  /Age(?:Milliseconds)?$|AgeOfOldestMessage$|Freshness$|MillisBehindLatest$|^ApproximateNumberOf|^ConcurrentExecutions$|^PartitionCount$|^ActivePartitionsLimit$/;

const SECONDS: Readonly<Record<string, number>> = { Milliseconds: 0.001, Seconds: 1 };

const families = new Map<string, Family>();

/** The names are few, unlike the resources that they are about. */
export function familyOf(identity: MetricIdentity): Family {
  const ofShard = isOfShard(identity);
  const key = `${identity.namespace}/${identity.name}/${ofShard}`;
  let family = families.get(key);
  if (family === undefined) {
    family = newFamily(identity, ofShard);
    families.set(key, family);
  }
  return family;
}

/** Of a shard: such metrics are families of their own, so that a sum over streams counts nothing twice. */
export function isOfShard({ dimensions }: MetricIdentity): boolean {
  return dimensions.some(({ name }) => name === 'ShardId');
}

/** AWS keeps a former name beside the present one. */
export function isFormerName({ name }: MetricIdentity): boolean {
  return name === 'GetRecords.IteratorAge';
}

function newFamily({ namespace, name, unit }: MetricIdentity, ofShard: boolean): Family {
  const scale = SECONDS[unit];
  const suffix = scale === undefined ? (unit === 'Bytes' ? 'bytes' : '') : 'seconds';
  const parts = ['nagare', namespace.slice(namespace.indexOf('/') + 1), ...(ofShard ? ['shard'] : []), name];
  const base = parts
    .map(snakeCase)
    .join('_')
    .replace(/_milliseconds$/, '');
  const full = suffix === '' || base.endsWith(`_${suffix}`) ? base : `${base}_${suffix}`;
  const kind = GAUGES.test(name) ? 'gauge' : scale === undefined ? 'counter' : 'summary';
  const where = ofShard ? 'shard, ' : '';
  return { name: full, kind, scale: scale ?? 1, help: `${namespace} ${name} (${where}docs/metrics.md)` };
}

/** `PutRecords.TotalRecords` is `put_records_total_records`, `DeliveryToS3` is `delivery_to_s3`. */
function snakeCase(text: string): string {
  return text
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[^a-zA-Z0-9]+/g, '_')
    .toLowerCase();
}

const labels = new Map<string, string>();

/** `StreamName` is `stream`, `ShardId` is `shard`, `ChannelId` stays apart from `ChannelName`. */
export function labelOf(dimension: string): string {
  let label = labels.get(dimension);
  if (label === undefined) {
    label = newLabel(dimension);
    labels.set(dimension, label);
  }
  return label;
}

function newLabel(dimension: string): string {
  if (dimension === 'ShardId') return 'shard';
  if (dimension === 'EventSourceMappingUUID') return 'mapping';
  return snakeCase(dimension.replace(/(?<=.)Name$/, ''));
}
