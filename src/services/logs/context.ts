import type { Clock } from '../../support/clock.ts';
import type { ConcurrencyLimit } from '../../support/concurrency-limit.ts';
import type { GroupReads } from './group-reads.ts';
import type { LiveTails } from './live-tail.ts';
import type { LogList } from './log-list.ts';
import type { LogStore } from './log-store.ts';

/** What operations need that only read. */
export interface LogsReads {
  readonly logs: LogList<GroupReads>;
  /** Searches read whole files. */
  readonly reads: ConcurrencyLimit;
  readonly region: string;
  readonly accountId: string;
}

/** The state and dependencies of the operations of CloudWatch Logs. */
export interface LogsContext extends LogsReads {
  readonly logs: LogStore;
  readonly tails: LiveTails;
  readonly clock: Clock;
}
