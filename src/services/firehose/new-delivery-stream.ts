import type { StoredDestination } from './configuration/destination.ts';
import type { NewSource } from './configuration/source.ts';
import type { DeliveryStreamRow } from './rows.ts';

/** The parameters of a new delivery stream. */
export interface NewDeliveryStream {
  readonly name: string;
  readonly source: NewSource;
  readonly destination: StoredDestination;
  /** The role that stands for none in the destination: `nagare.yaml` declares it. */
  readonly withoutRole?: string;
  readonly encryption?: DeliveryStreamRow['encryption'];
  readonly tags: DeliveryStreamRow['tags'];
  /** The starting position in a Kinesis stream; AWS always uses LATEST. */
  readonly start?: 'LATEST' | 'TRIM_HORIZON';
}
