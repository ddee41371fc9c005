import { type AlarmDatapoint, type Evaluation, evaluationRange } from './alarm-evaluation.ts';
import type { Alarm, ComparisonOperator, StateValue } from './alarm.ts';
import { javaNumber } from '../../../support/java-number.ts';

const NAMED_MAX = 5;
const REASON_DATA_CHARACTERS_MAX = 4000;

export const initialReason = 'Unchecked: Initial alarm creation';

/** `21.5 (25/08/19 09:30:00)` */
function datapointText({ value, beginMs }: AlarmDatapoint): string {
  const [date = '', time = ''] = new Date(beginMs).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${javaNumber(value)} (${day}/${month}/${year.slice(-2)} ${time.slice(0, 8)})`;
}

function comparisonText(operator: ComparisonOperator): string {
  switch (operator) {
    case 'GreaterThanOrEqualToThreshold':
      return 'greater than or equal to';
    case 'GreaterThanThreshold':
      return 'greater than';
    case 'LessThanThreshold':
      return 'less than';
    case 'LessThanOrEqualToThreshold':
      return 'less than or equal to';
  }
}

/** The StateReason for an evaluation that resulted in `state`. */
export function stateReason(
  alarm: Alarm,
  from: StateValue,
  state: StateValue,
  evaluation: Evaluation,
): string {
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${count(evaluation.missing, 'datapoint')} ${was(evaluation.missing)} unknown.`;
  }
  const filled = filledText(evaluation);
  if (evaluation.datapoints.length === 0) {
    const periods = count(evaluation.missing, 'period');
    return `Threshold Crossed: no datapoints were received for ${periods} and ${filled}.`;
  }
  return `Threshold Crossed: ${crossedText(alarm, state, evaluation)}${filled === '' ? '' : ` and ${filled}`}${transitionText(
    alarm,
    from,
    state,
  )}.`;
}

/**
 * Without DatapointsToAlarm all datapoints are counted; with it, those that support the new state. Five are listed.
 */
function crossedText(alarm: Alarm, state: StateValue, { datapoints, missing }: Evaluation): string {
  const speaking = datapoints.filter((point) => point.breaching === (state === 'ALARM'));
  const shown = alarm.datapointsToAlarm === undefined ? datapoints : speaking;
  const total = datapoints.length + (alarm.datapointsToAlarm === undefined ? 0 : missing);
  const many =
    alarm.datapointsToAlarm === undefined
      ? count(shown.length, 'datapoint')
      : `${shown.length} out of the last ${total} datapoints`;
  const verb = `${was(shown.length)}${state === 'ALARM' ? '' : ' not'} ${comparisonText(alarm.comparisonOperator)}`;
  const threshold = `the threshold (${javaNumber(alarm.threshold)})`;
  const named = `[${shown.slice(-NAMED_MAX).map(datapointText).join(', ')}]`;
  if (shown.length <= NAMED_MAX) return `${many} ${named} ${verb} ${threshold}`;
  return `${many} ${verb} ${threshold}, the most recent of them ${named},`;
}

function transitionText(alarm: Alarm, from: StateValue, state: StateValue): string {
  const { datapointsToAlarm, evaluationPeriods } = alarm;
  if (datapointsToAlarm === undefined) return '';
  const needed = state === 'ALARM' ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1;
  const before = from === 'INSUFFICIENT_DATA' ? (state === 'ALARM' ? 'OK' : 'ALARM') : from;
  return ` (minimum ${count(needed, 'datapoint')} for ${before} -> ${state} transition)`;
}

function filledText({ missing, filledWith }: Evaluation): string {
  if (filledWith === undefined) return '';
  return `${count(missing, 'missing datapoint')} ${was(missing)} treated as [${filledWith}]`;
}

/** StateReasonData as JSON text. Times are the starts of periods; of many datapoints the newest are listed. */
export function stateReasonData(alarm: Alarm, evaluation: Evaluation, queryMs: number): string {
  const { datapoints } = evaluation;
  const periodMs = alarm.periodSeconds * 1000;
  const startMs = datapoints[0]?.beginMs ?? queryMs - evaluationRange(alarm.evaluationPeriods) * periodMs;
  const text = (listed: readonly AlarmDatapoint[]): string =>
    JSON.stringify({
      version: '1.0',
      queryDate: awsTime(queryMs),
      startDate: awsTime(startMs),
      ...(alarm.unit === undefined ? {} : { unit: alarm.unit }),
      statistic: alarm.statistic,
      period: alarm.periodSeconds,
      recentDatapoints: listed.map((point) => point.value),
      threshold: alarm.threshold,
      evaluatedDatapoints: listed.toReversed().map((point) => ({
        timestamp: awsTime(point.beginMs),
        sampleCount: point.sampleCount,
        value: point.value,
      })),
    });
  let listed = datapoints;
  while (text(listed).length > REASON_DATA_CHARACTERS_MAX)
    listed = listed.slice(Math.ceil(listed.length / 2));
  return text(listed);
}

/** `2022-03-11T11:03:03.943+0000` */
export function awsTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+0000');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function was(number: number): string {
  return number === 1 ? 'was' : 'were';
}
