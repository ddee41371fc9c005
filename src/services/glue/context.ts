import type { Clock } from '../../support/clock.ts';
import type { TableCatalog } from './table-catalog.ts';

/** The state and dependencies of Glue's operations. */
export interface GlueContext {
  readonly catalog: TableCatalog;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
}
