import type { TraceContext } from '../../../support/trace-context.ts';

/** An accepted event without its payload. Its lane is the name of its function. */
export interface AsyncEvent {
  readonly requestId: string;
  readonly clientContext?: string;
  /** The version or alias that was invoked, if one was named. */
  readonly qualifier?: string;
  /** Of the request that was accepted. */
  readonly trace?: TraceContext;
}
