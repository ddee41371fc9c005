import { cloudWatchLimits } from '../limits.ts';

/**
 * The resolution at which a metric is kept, and for how long: seconds for high-resolution data, then minutes, five
 * minutes and hours, each longer than the finer one (CloudWatch's documentation, "Metrics retention").
 */
export interface Tier {
  readonly name: TierName;
  readonly seconds: number;
  readonly retentionMs: number;
}

export type TierName = 'second' | 'minute' | 'fiveMinutes' | 'hour';

export const tiers: readonly [Tier, Tier, Tier, Tier] = [
  { name: 'second', seconds: 1, retentionMs: cloudWatchLimits.metricSecondRetentionMs },
  { name: 'minute', seconds: 60, retentionMs: cloudWatchLimits.metricMinuteRetentionMs },
  { name: 'fiveMinutes', seconds: 300, retentionMs: cloudWatchLimits.metricFiveMinuteRetentionMs },
  { name: 'hour', seconds: 3600, retentionMs: cloudWatchLimits.metricHourRetentionMs },
];

const [secondTier, minuteTier] = tiers;

/**
 * The finest tier that divides the period and the start and still reaches back to the start; if none does, the
 * coarsest that divides them. As on AWS, a period that is too fine for old data gets what is left.
 */
export function tierFor(periodSeconds: number, startMs: number, nowMs: number): Tier {
  if (periodSeconds % minuteTier.seconds !== 0 || (startMs / 1000) % minuteTier.seconds !== 0)
    return secondTier;
  const fitting = tiers.filter(
    (tier) =>
      tier.seconds >= minuteTier.seconds &&
      periodSeconds % tier.seconds === 0 &&
      (startMs / 1000) % tier.seconds === 0,
  );
  return fitting.find((tier) => startMs >= nowMs - tier.retentionMs) ?? fitting.at(-1) ?? minuteTier;
}
