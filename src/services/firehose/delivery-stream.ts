import { parseArn } from '../../aws/arn.ts';
import type { ShardCheckpoint } from '../../consumers/checkpoints.ts';
import type { PutLog } from './direct-put/put-log.ts';
import { indexOf, sequencePrefix } from './direct-put/record-id.ts';
import type { DeliveryStreamMetrics } from './metrics.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import { Refusals } from './pipeline/refusals.ts';
import type { DeliveryStreamRow } from './rows.ts';

/** A delivery stream in memory. DeliveryStreams owns it. */
export class DeliveryStream {
  readonly arn: string;
  readonly metrics: DeliveryStreamMetrics;
  readonly refusals = new Refusals();
  /** The log of direct puts. */
  readonly log: PutLog | undefined;
  row: DeliveryStreamRow;
  /** Undefined before the server starts its deliveries, and after it stops them. */
  pipeline: Pipeline | undefined;

  constructor(row: DeliveryStreamRow, arn: string, metrics: DeliveryStreamMetrics, log: PutLog | undefined) {
    this.row = row;
    this.arn = arn;
    this.metrics = metrics;
    this.log = log;
  }

  get id(): string {
    return this.row.id;
  }

  get name(): string {
    return this.row.name;
  }

  get createdMs(): number {
    return this.row.createdMs;
  }
}

/** The log index of the first undelivered record. */
export function deliveredUntil(
  { createdMs }: Pick<DeliveryStreamRow, 'createdMs'>,
  checkpoint: ShardCheckpoint | undefined,
): number {
  if (checkpoint?.state !== 'reading') return 0;
  const { from } = checkpoint;
  const prefix = sequencePrefix(createdMs);
  switch (from.type) {
    case 'AT_SEQUENCE_NUMBER':
      return indexOf(prefix, from.sequenceNumber) ?? 0;
    case 'AFTER_SEQUENCE_NUMBER':
      return (indexOf(prefix, from.sequenceNumber) ?? -1) + 1;
    case 'TRIM_HORIZON':
    case 'LATEST':
    case 'AT_TIMESTAMP':
      return 0;
  }
}

/** Returns the name in the ARN of a Kinesis stream. */
export function streamNameOf(arn: string): string {
  const { resource = '' } = parseArn(arn) ?? {};
  return resource.slice(resource.indexOf('/') + 1);
}
