import type { AlarmRow } from '../alarms.ts';
import { number } from './format.ts';
import type { Tone } from './ui.tsx';

export function toneOfState(state: string): Tone {
  if (state === 'ALARM') return 'bad';
  return state === 'OK' ? 'good' : 'warn';
}

export function wordOf(state: string): string {
  return state.toLowerCase().replace('_', ' ');
}

const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '≥',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '≤',
};

/** `Maximum of IteratorAge > 60,000, 3 of 3 times 60 s` */
export function conditionOf({ metric, kind }: AlarmRow): string {
  if (metric === undefined) return kind === 'composite' ? 'other alarms' : 'an expression';
  const { statistic, name, comparison, threshold, datapointsToAlarm, evaluationPeriods, periodSeconds } =
    metric;
  const sign = SIGNS[comparison] ?? comparison;
  return `${statistic} of ${name} ${sign} ${number(threshold)}, ${datapointsToAlarm} of ${evaluationPeriods} times ${periodSeconds} s`;
}
