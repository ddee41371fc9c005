import type { StreamRow } from './rows.ts';

/** A stream accepts any throughput at once, so the target is always reached. Undefined if none was requested. */
export function describeWarmThroughput(row: StreamRow) {
  const { warmThroughputMiBps } = row;
  if (warmThroughputMiBps === undefined) return undefined;
  return { TargetMiBps: warmThroughputMiBps, CurrentMiBps: warmThroughputMiBps };
}
