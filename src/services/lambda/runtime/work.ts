import type { Outcome } from './outcome.ts';

/** One invocation, as a process gets it. */
export interface Work {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly functionArn: string;
  readonly clientContext: string | undefined;
}

export interface Finished extends Outcome {
  readonly durationMs: number;
  readonly logTail: Buffer;
}
