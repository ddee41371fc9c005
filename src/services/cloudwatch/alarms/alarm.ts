import { type Dimension, metricKey } from '../metrics/metric-identity.ts';

export const comparisonOperators = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] as const;
export type ComparisonOperator = (typeof comparisonOperators)[number];

export const missingDataTreatments = ['breaching', 'notBreaching', 'ignore', 'missing'] as const;
export type MissingDataTreatment = (typeof missingDataTreatments)[number];

/** What happens while a percentile is one of too few samples. */
export const lowSampleTreatments = ['evaluate', 'ignore'] as const;
export type LowSampleTreatment = (typeof lowSampleTreatments)[number];

export const stateValues = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const;
export type StateValue = (typeof stateValues)[number];

/** An alarm's row: what PutMetricAlarm set, and its state. Optional members are absent when unset. */
export interface Alarm {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly accountId: string;
  readonly description?: string;
  readonly actionsEnabled: boolean;
  readonly okActions: string[];
  readonly alarmActions: string[];
  readonly insufficientDataActions: string[];
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Dimension[];
  /** The name of a basic or extended statistic: `Sum`, `p99`, ... */
  readonly statistic: string;
  readonly unit?: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number;
  readonly threshold: number;
  readonly comparisonOperator: ComparisonOperator;
  readonly treatMissingData?: MissingDataTreatment;
  readonly evaluateLowSampleCountPercentile?: LowSampleTreatment;
  readonly configuredMs: number;
  readonly state: AlarmState;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** A JSON string. */
  readonly reasonData?: string;
  readonly updatedMs: number;
  /** When the value last changed. */
  readonly transitionedMs: number;
}

export function alarmMetricKey(alarm: Alarm): string {
  return metricKey({ namespace: alarm.namespace, name: alarm.metricName, dimensions: alarm.dimensions });
}

export function actionsFor(alarm: Alarm, state: StateValue): readonly string[] {
  switch (state) {
    case 'OK':
      return alarm.okActions;
    case 'ALARM':
      return alarm.alarmActions;
    case 'INSUFFICIENT_DATA':
      return alarm.insufficientDataActions;
  }
}

/** Whether a value is on the wrong side of the threshold. */
export function isBreaching(operator: ComparisonOperator, value: number, threshold: number): boolean {
  switch (operator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}
