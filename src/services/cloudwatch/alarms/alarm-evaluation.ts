import { type Alarm, isBreaching, type StateValue } from './alarm.ts';
import { significantSamples } from '../metrics/extended-statistic.ts';
import { parseStatistic } from '../metrics/statistic.ts';
import type { StatisticSet } from '../metrics/statistic-set.ts';

/** A period of an alarm's metric that has samples. */
export interface AlarmDatapoint {
  readonly beginMs: number;
  readonly sampleCount: number;
  readonly value: number;
  readonly breaching: boolean;
}

export interface Evaluation {
  /** `retain`: the alarm keeps its state. */
  readonly outcome: StateValue | 'retain';
  /** The real datapoints behind the decision, oldest first. */
  readonly datapoints: readonly AlarmDatapoint[];
  /** How many periods were filled, and with what. */
  readonly missing: number;
  readonly filledWith: 'Breaching' | 'NonBreaching' | undefined;
}

/** The properties of an alarm that its evaluation depends on. */
export type AlarmRule = Pick<
  Alarm,
  | 'statistic'
  | 'evaluationPeriods'
  | 'datapointsToAlarm'
  | 'treatMissingData'
  | 'evaluateLowSampleCountPercentile'
  | 'threshold'
  | 'comparisonOperator'
>;

/**
 * How many periods an evaluation looks back: some more than `EvaluationPeriods`, to make up for missing ones. AWS
 * publishes the number for one case only (5 for 3), which this matches.
 */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + Math.max(2, Math.floor(evaluationPeriods / 3));
}

/** A period with samples as a datapoint of the alarm; undefined if its percentile is not known. */
export function alarmDatapoint(
  alarm: Pick<Alarm, 'statistic' | 'threshold' | 'comparisonOperator'>,
  beginMs: number,
  set: Readonly<StatisticSet>,
): AlarmDatapoint | undefined {
  const value = parseStatistic(alarm.statistic)?.valueOf(set);
  if (value === undefined) return undefined;
  const breaching = isBreaching(alarm.comparisonOperator, value, alarm.threshold);
  return { beginMs, sampleCount: set.sampleCount, value, breaching };
}

/**
 * Evaluates an alarm over its evaluation range: one entry for each period, oldest first, `undefined` for a period
 * without samples. Where percentiles of few samples are to be ignored, the alarm keeps its state if these percentiles
 * would decide it.
 */
export function evaluate(rule: AlarmRule, range: readonly (AlarmDatapoint | undefined)[]): Evaluation {
  const evaluation = evaluateAll(rule, range);
  const least =
    rule.evaluateLowSampleCountPercentile === 'ignore' ? (significantSamples(rule.statistic) ?? 0) : 0;
  if (range.every((point) => point === undefined || point.sampleCount >= least)) return evaluation;
  const outcomeIf = (breaching: boolean) =>
    evaluateAll(
      rule,
      range.map((point) => point && (point.sampleCount < least ? { ...point, breaching } : point)),
    ).outcome;
  return outcomeIf(true) === outcomeIf(false) ? evaluation : { ...evaluation, outcome: 'retain' };
}

/**
 * Follows "Configuring how CloudWatch alarms treat missing data" in the CloudWatch user guide: if
 * there are enough real datapoints, the newest decide alone; otherwise all real ones decide, with as few filled ones
 * as necessary.
 */
function evaluateAll(rule: AlarmRule, range: readonly (AlarmDatapoint | undefined)[]): Evaluation {
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
 * Some periods are missing and are not filled. If all real datapoints are breaching but there are too few of them,
 * they alarm only if the oldest is at least `needed` periods old: a single breach followed by silence alarms, the
 * first datapoint of a new metric does not ("avoiding premature transitions to alarm state").
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
 * Whether the current period will breach regardless of the samples that follow: a growing statistic has passed an
 * upper threshold, or a falling one a lower threshold. Such a period is evaluated at once instead of at its end.
 */
export function isBreachFinal(
  { statistic, comparisonOperator, threshold }: Pick<Alarm, 'statistic' | 'threshold' | 'comparisonOperator'>,
  set: Readonly<StatisticSet>,
): boolean {
  const value = parseStatistic(statistic)?.valueOf(set);
  if (value === undefined || !isBreaching(comparisonOperator, value, threshold)) return false;
  const upper =
    comparisonOperator === 'GreaterThanThreshold' || comparisonOperator === 'GreaterThanOrEqualToThreshold';
  switch (statistic) {
    case 'SampleCount':
    case 'Maximum':
      return upper;
    case 'Sum':
      // Only if no sample is negative; the samples so far are the best evidence for that.
      return upper && set.minimum >= 0;
    case 'Minimum':
      return !upper;
    default:
      // An average, a percentile and the like go either way.
      return false;
  }
}
