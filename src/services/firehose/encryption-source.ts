import { invalidArgument } from './errors.ts';
import type { DeliveryStreamRow } from './rows.ts';

/**
 * Refuses encryption of a delivery stream that reads a Kinesis stream, which has its own. Throws
 * InvalidArgumentException.
 */
export function refuseKinesisSource({ source }: DeliveryStreamRow): void {
  if (source.type === 'DirectPut') return;
  throw invalidArgument(
    'A delivery stream with a Kinesis stream as its source uses the server-side encryption of that stream.',
  );
}
