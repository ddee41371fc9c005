import type { LogStore } from './log-store.ts';

/** The state and dependencies of the operations of CloudWatch Logs. */
export interface LogsContext {
  readonly logs: LogStore;
  readonly region: string;
  readonly accountId: string;
}
