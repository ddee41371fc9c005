import type { Clock } from '../../support/clock.ts';
import type { EmbeddedObjects } from './embedded/open.ts';

/** The state that S3's operations share. */
export interface S3Context extends EmbeddedObjects {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
}
