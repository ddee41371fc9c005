import { isBreaching } from './alarm.ts';
import type { Alarm, StateValue } from './alarm.ts';
import type { StatisticSet } from '../metrics/statistic-set.ts';
import { statisticOf } from '../metrics/statistic-set.ts';

/** One period of an alarm's metric in which there were samples. */
export interface AlarmDatapoint {
  readonly beginMs: number;
  readonly sampleCount: number;
  readonly value: number;
  readonly breaching: boolean;
}

export interface Evaluation {
  /** `retain`: the alarm stays as it is. */
  readonly outcome: StateValue | 'retain';
  /** The real datapoints that decided, oldest first. */
  readonly datapoints: readonly AlarmDatapoint[];
  /** How many periods had to be filled, and with what. */
  readonly missing: number;
  readonly filledWith: 'Breaching' | 'NonBreaching' | undefined;
}

/** What of an alarm decides. */
export type AlarmRule = Pick<
  Alarm,
  'evaluationPeriods' | 'datapointsToAlarm' | 'treatMissingData' | 'threshold' | 'comparisonOperator'
>;

/**
 * How many periods back an evaluation looks: some more than `EvaluationPeriods`, to make up for missing ones. AWS
 * does not publish the number but for one case (5 for 3), which this meets.
 */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + Math.max(2, Math.floor(evaluationPeriods / 3));
}

/** A period with samples as an alarm sees it. */
export function alarmDatapoint(
  alarm: Pick<Alarm, 'statistic' | 'threshold' | 'comparisonOperator'>,
  beginMs: number,
  set: Readonly<StatisticSet>,
): AlarmDatapoint {
  const value = statisticOf(set, alarm.statistic);
  const breaching = isBreaching(alarm.comparisonOperator, value, alarm.threshold);
  return { beginMs, sampleCount: set.sampleCount, value, breaching };
}

/**
 * Decides an alarm by its evaluation range: one entry a period, oldest first, `undefined` where no sample was.
 * Follows "Configuring how CloudWatch alarms treat missing data" of the CloudWatch user guide: enough real points,
 * and the newest decide alone; otherwise all real ones decide, with as few fillers as it takes.
 */
export function evaluate(rule: AlarmRule, range: readonly (AlarmDatapoint | undefined)[]): Evaluation {
  const wanted = rule.evaluationPeriods;
  const needed = rule.datapointsToAlarm ?? wanted;
  const datapoints = range.filter((point) => point !== undefined).slice(-wanted);
  const missing = wanted - datapoints.length;
  const breaching = datapoints.filter((point) => point.breaching).length;
  const result = { datapoints, missing, filledWith: undefined };
  if (missing === 0) return { ...result, outcome: breaching >= needed ? 'ALARM' : 'OK' };
  switch (rule.treatMissingData ?? 'missing') {
    case 'breaching':
      return { ...result, filledWith: 'Breaching', outcome: breaching + missing >= needed ? 'ALARM' : 'OK' };
    case 'notBreaching':
      return { ...result, filledWith: 'NonBreaching', outcome: breaching >= needed ? 'ALARM' : 'OK' };
    case 'missing':
      if (datapoints.length === 0) return { ...result, outcome: 'INSUFFICIENT_DATA' };
      return { ...result, outcome: withGaps(range, needed, breaching, datapoints.length, true) };
    case 'ignore':
      if (datapoints.length === 0) return { ...result, outcome: 'retain' };
      return { ...result, outcome: withGaps(range, needed, breaching, datapoints.length, false) };
  }
}

/**
 * Some periods are missing and stay so. With nothing but breaching points, too few of them alarm only when the
 * oldest is at least `needed` periods old, so that a single one followed by silence does, and the first of a new
 * metric does not ("avoiding premature transitions to alarm state").
 */
function withGaps(
  range: readonly (AlarmDatapoint | undefined)[],
  needed: number,
  breaching: number,
  real: number,
  alarmsOnSilence: boolean,
): StateValue | 'retain' {
  if (breaching >= needed) return 'ALARM';
  if (breaching < real) return 'OK';
  const ageOfOldest = range.length - range.findIndex((point) => point !== undefined);
  return alarmsOnSilence && ageOfOldest >= needed ? 'ALARM' : 'retain';
}

/**
 * Whether a period that is still running will breach whatever samples follow in it: what grows has passed an upper
 * threshold, or what falls a lower one. Such a period can be judged at once instead of at its end.
 */
export function isBreachFinal(
  { statistic, comparisonOperator, threshold }: Pick<Alarm, 'statistic' | 'threshold' | 'comparisonOperator'>,
  set: Readonly<StatisticSet>,
): boolean {
  if (!isBreaching(comparisonOperator, statisticOf(set, statistic), threshold)) return false;
  const upper =
    comparisonOperator === 'GreaterThanThreshold' || comparisonOperator === 'GreaterThanOrEqualToThreshold';
  switch (statistic) {
    case 'SampleCount':
    case 'Maximum':
      return upper;
    case 'Sum':
      // Only as long as no sample takes away from it, of which those so far are the best witness.
      return upper && set.minimum >= 0;
    case 'Minimum':
      return !upper;
    case 'Average':
      return false;
  }
}
