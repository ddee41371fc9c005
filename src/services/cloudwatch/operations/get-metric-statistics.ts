import type {
  Datapoint as DatapointOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
} from '@aws-sdk/client-cloudwatch';
import { cloudWatchLimits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchReads } from '../context.ts';
import { invalidParameterCombination, invalidParameterValue, missingParameter } from '../errors.ts';
import { metricKey } from '../metrics/metric-identity.ts';
import { checkPeriod, metricNameOf } from '../metrics/metric-input.ts';
import { roundedStart } from '../metrics/query-start.ts';
import { parseExtendedStatistic } from '../metrics/extended-statistic.ts';
import type { Statistic } from '../metrics/statistic-set.ts';
import { type BasicStatistic, basicStatisticOf } from '../metrics/statistic.ts';

/**
 * Returns a metric's statistics, one datapoint per period with samples (and per unit), oldest first, where AWS promises
 * no order. ExtendedStatistics are those of GetMetricData; a datapoint of which none is known is left out.
 */
export async function getMetricStatistics(
  { store, clock }: CloudWatchReads,
  input: Checked<GetMetricStatisticsInput>,
  _call: CallContext,
): Promise<GetMetricStatisticsOutput> {
  const { Period: periodSeconds } = input;
  const { statistics, extended } = wantedOf(input);
  checkPeriod(periodSeconds, 'Period');
  const endMs = input.EndTime.getTime();
  if (input.StartTime.getTime() >= endMs) {
    throw invalidParameterValue('The parameter StartTime must be less than the parameter EndTime.');
  }
  const periods = Math.ceil((endMs - input.StartTime.getTime()) / (periodSeconds * 1000));
  if (periods > cloudWatchLimits.metricStatisticsDatapointsMax) {
    throw invalidParameterCombination(
      `You have requested up to ${periods} datapoints, which exceeds the limit of ${cloudWatchLimits.metricStatisticsDatapointsMax}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
    );
  }
  const datapoints = await store.query({
    key: metricKey(metricNameOf(input.Namespace, input.MetricName, input.Dimensions)),
    unit: input.Unit,
    periodSeconds,
    startMs: roundedStart(input.StartTime.getTime(), periodSeconds, clock.now()),
    endMs,
  });
  return {
    Label: input.MetricName,
    Datapoints: datapoints.flatMap(({ beginMs, unit, set }) => {
      const values = statistics.map((statistic) => [statistic, basicStatisticOf(set, statistic)]);
      const known = extended.flatMap((statistic) => {
        const value = statistic.valueOf(set);
        return value === undefined ? [] : [[statistic.name, value] as const];
      });
      if (extended.length > 0 && known.length === 0) return [];
      // The model validated the unit when it was put; the SDK's type is that enumeration.
      const datapoint = {
        Timestamp: new Date(beginMs),
        ...Object.fromEntries(values),
        Unit: unit,
      } as DatapointOutput;
      return [
        known.length === 0 ? datapoint : { ...datapoint, ExtendedStatistics: Object.fromEntries(known) },
      ];
    }),
  };
}

function wantedOf({ Statistics = [], ExtendedStatistics = [] }: Checked<GetMetricStatisticsInput>): {
  readonly statistics: readonly BasicStatistic[];
  readonly extended: readonly Statistic[];
} {
  if (Statistics.length === 0 && ExtendedStatistics.length === 0) {
    throw missingParameter('Must specify either Statistics or ExtendedStatistics');
  }
  if (Statistics.length > 0 && ExtendedStatistics.length > 0) {
    throw invalidParameterCombination('Statistics and ExtendedStatistics cannot be specified together');
  }
  const extended = ExtendedStatistics.map((name, index) => {
    const statistic = parseExtendedStatistic(name);
    if (statistic !== undefined) return statistic;
    throw invalidParameterValue(
      `The value ${name} for parameter ExtendedStatistics.member.${index + 1}.<list element> is not supported.`,
    );
  });
  return { statistics: Statistics, extended };
}
