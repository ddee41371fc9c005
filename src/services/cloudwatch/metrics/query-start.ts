import { cloudWatchLimits } from '../limits.ts';

/**
 * Rounds the start of a query down to the resolution of data of that age (minutes, five minutes, hours), or to the
 * period if that is below a minute, as the documentation of GetMetricStatistics says.
 */
export function roundedStart(startMs: number, periodSeconds: number, nowMs: number): number {
  const ageMs = nowMs - startMs;
  const seconds =
    periodSeconds < 60
      ? periodSeconds
      : ageMs < cloudWatchLimits.metricMinuteRetentionMs
        ? 60
        : ageMs < cloudWatchLimits.metricFiveMinuteRetentionMs
          ? 300
          : 3600;
  return startMs - (startMs % (seconds * 1000));
}
