import type { StreamRow } from './rows.ts';

/** A stream takes any throughput at once, so the target is always reached. Undefined when none was asked for. */
export function describeWarmThroughput(row: StreamRow) {
  const { warmThroughputMiBps } = row;
  if (warmThroughputMiBps === undefined) return undefined;
  return { TargetMiBps: warmThroughputMiBps, CurrentMiBps: warmThroughputMiBps };
}
