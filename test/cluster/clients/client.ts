import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A program that works with a cluster while its owners are killed, by the AWS SDK as it comes: whatever the SDK reports as
 * an error ends it, and the test.
 */
export interface ClusterClient {
  readonly name: string;
  /** When its calls were answered. */
  readonly answeredMs: readonly number[];
  /** Works until it is stopped; what it has begun it ends. */
  work(stop: AbortSignal): Promise<void>;
  /** While the owner works, which is killed right afterwards. */
  beforeKill?(): Promise<void>;
  /** Waits for what is under way, and checks that all is as on one machine. Resolves with what there is to tell. */
  check(takeovers: number): Promise<string>;
}

/** The others have work, too. */
const PAUSE_MS = 100;

/** Makes one step after the other until it is stopped, and notes when each was done. */
export async function repeat(
  stop: AbortSignal,
  step: () => Promise<unknown>,
  answeredMs: number[] = [],
): Promise<void> {
  while (!stop.aborted) {
    await step();
    answeredMs.push(performance.now());
    await sleep(PAUSE_MS);
  }
}

export function numbersTo(count: number): string[] {
  return Array.from({ length: count }, (_, n) => String(n));
}
