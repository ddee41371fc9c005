import type { Clock } from '../../support/clock.ts';
import type { EmbeddedObjects } from './embedded/open.ts';

/** What the operations work on. */
export interface S3Context extends EmbeddedObjects {
  readonly region: string;
  readonly accountId: string;
  readonly clock: Clock;
}
