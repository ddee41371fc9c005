import type { TraceContext } from '../../../support/trace-context.ts';
import type { InvocationOutcome } from './outcome.ts';

/** One invocation, as a process gets it. */
export interface InvocationRequest {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly functionArn: string;
  readonly clientContext: string | undefined;
  readonly trace: TraceContext | undefined;
}

export interface FinishedInvocation extends InvocationOutcome {
  readonly durationMs: number;
  readonly logTail: Buffer;
}
