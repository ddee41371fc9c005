import type { LogStore } from './log-store.ts';

/** What the operations of CloudWatch Logs work on. */
export interface LogsContext {
  readonly logs: LogStore;
  readonly region: string;
  readonly accountId: string;
}
