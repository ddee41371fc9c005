import { invalidArgument } from './errors.ts';
import type { DeliveryStreamRow } from './rows.ts';

/** Records of a Kinesis stream are encrypted there. Throws InvalidArgumentException. */
export function refuseKinesisSource({ source }: DeliveryStreamRow): void {
  if (source.type === 'DirectPut') return;
  throw invalidArgument(
    'Server-side encryption of a delivery stream with a Kinesis stream as its source is that of the stream.',
  );
}
