import type {
  Datapoint as DatapointOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
} from '@aws-sdk/client-cloudwatch';
import { cloudWatchLimits } from '../limits.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  notSupported,
} from '../errors.ts';
import { metricKey } from '../metrics/metric-identity.ts';
import { checkPeriod, metricNameOf } from '../metrics/metric-input.ts';
import { roundedStart } from '../metrics/query-start.ts';
import { statisticOf } from '../metrics/statistic-set.ts';

/**
 * Returns a metric's statistics, one datapoint per period with samples (and per unit), oldest first, where AWS promises
 * no order. Percentiles (ExtendedStatistics) are refused.
 */
export async function getMetricStatistics(
  { store, clock }: CloudWatchContext,
  input: Checked<GetMetricStatisticsInput>,
  _call: CallContext,
): Promise<GetMetricStatisticsOutput> {
  if (input.ExtendedStatistics !== undefined) throw notSupported('ExtendedStatistics');
  const { Statistics: statistics, Period: periodSeconds } = input;
  if (statistics === undefined || statistics.length === 0) {
    throw missingParameter('Must specify either Statistics or ExtendedStatistics');
  }
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
    Datapoints: datapoints.map(({ beginMs, unit, set }) => {
      const values = statistics.map((statistic) => [statistic, statisticOf(set, statistic)]);
      // The model validated the unit when it was put; the SDK's type is that enumeration.
      return { Timestamp: new Date(beginMs), ...Object.fromEntries(values), Unit: unit } as DatapointOutput;
    }),
  };
}
