import { limits } from '../../../limits.ts';

/**
 * Where the periods of a query begin: at its start, rounded down to what the data of that age is kept by (minutes,
 * five minutes, hours), or to the period when that is under a minute. As GetMetricStatistics documents it.
 */
export function roundedStart(startMs: number, periodSeconds: number, nowMs: number): number {
  const ageMs = nowMs - startMs;
  const seconds =
    periodSeconds < 60
      ? periodSeconds
      : ageMs < limits.metricMinuteRetentionMs
        ? 60
        : ageMs < limits.metricFiveMinuteRetentionMs
          ? 300
          : 3600;
  return startMs - (startMs % (seconds * 1000));
}
