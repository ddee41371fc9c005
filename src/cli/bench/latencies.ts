export interface Latencies {
  readonly PerSecond: number;
  readonly P50Milliseconds: number;
  readonly P99Milliseconds: number;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export interface RepeatOptions {
  readonly lanes: number;
  readonly forMs: number;
  /** How many things one run does. */
  readonly count?: number;
  readonly onDone: (count: number) => void;
}

/** Runs `work` again and again in several lanes, for a while. */
export async function repeat(
  { lanes, forMs, count = 1, onDone }: RepeatOptions,
  work: (number: number) => Promise<unknown>,
): Promise<Latencies> {
  const tookMs: number[] = [];
  const beganMs = performance.now();
  const endMs = beganMs + forMs;
  let number = 0;
  const lane = async () => {
    while (performance.now() < endMs) {
      const began = performance.now();
      await work(number++);
      tookMs.push(performance.now() - began);
      onDone(count);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return {
    PerSecond: (tookMs.length * count * 1000) / (performance.now() - beganMs),
    P50Milliseconds: percentile(tookMs, 0.5),
    P99Milliseconds: percentile(tookMs, 0.99),
  };
}
