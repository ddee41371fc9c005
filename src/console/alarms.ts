import type { HttpRequest } from '../http/message.ts';
import type { Caller } from './caller.ts';
import { consoleLimits } from './limits.ts';
import { answerTo } from './operations.ts';
import type { Views } from './views.ts';

export interface AlarmRow {
  readonly name: string;
  readonly kind: 'metric' | 'composite';
  readonly state: string;
  readonly reason: string;
  /** When the state changed. */
  readonly sinceMs: number;
  readonly hasActions: boolean;
  readonly isMuted: boolean;
  /** Of a metric alarm on one metric. */
  readonly metric: AlarmMetric | undefined;
}

export interface AlarmMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly statistic: string;
  readonly periodSeconds: number;
  readonly threshold: number;
  readonly comparison: string;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
}

interface DescribedAlarm {
  readonly AlarmName?: string;
  readonly StateValue?: string;
  readonly StateReason?: string;
  /** Seconds. */
  readonly StateUpdatedTimestamp?: number;
  readonly ActionsEnabled?: boolean;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: AlarmMetric['dimensions'];
  readonly Statistic?: string;
  readonly ExtendedStatistic?: string;
  readonly Period?: number;
  readonly Threshold?: number;
  readonly ComparisonOperator?: string;
  readonly EvaluationPeriods?: number;
  readonly DatapointsToAlarm?: number;
}

const ORDER = ['ALARM', 'INSUFFICIENT_DATA', 'OK'];

/** The alarms that the caller may list, the worst first. Undefined for a caller who may list none. */
export async function alarmsOf(
  { calls }: Views,
  caller: Caller,
  http: HttpRequest,
): Promise<readonly AlarmRow[] | undefined> {
  const input = { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: consoleLimits.alarmsMax };
  const found = await answerTo<{
    readonly MetricAlarms?: readonly DescribedAlarm[];
    readonly CompositeAlarms?: readonly DescribedAlarm[];
  }>(calls, caller, http, 'monitoring', 'DescribeAlarms', input);
  if (found === undefined) return undefined;
  const rows = [
    ...(found.MetricAlarms ?? []).map((alarm) => rowOf(alarm, 'metric')),
    ...(found.CompositeAlarms ?? []).map((alarm) => rowOf(alarm, 'composite')),
  ];
  return rows.toSorted(
    (left, right) =>
      ORDER.indexOf(left.state) - ORDER.indexOf(right.state) || left.name.localeCompare(right.name),
  );
}

function rowOf(alarm: DescribedAlarm, kind: AlarmRow['kind']): AlarmRow {
  const { AlarmName = '', StateValue = '', StateReason = '', StateUpdatedTimestamp = 0 } = alarm;
  const { ActionsEnabled = true, AlarmActions = [], OKActions = [] } = alarm;
  return {
    name: AlarmName,
    kind,
    state: StateValue,
    reason: StateReason,
    sinceMs: StateUpdatedTimestamp * 1000,
    hasActions: AlarmActions.length + OKActions.length > 0,
    isMuted: !ActionsEnabled,
    metric: metricOf(alarm),
  };
}

function metricOf(alarm: DescribedAlarm): AlarmMetric | undefined {
  const { Namespace, MetricName, Threshold, Period, EvaluationPeriods = 1 } = alarm;
  if (Namespace === undefined || MetricName === undefined) return undefined;
  if (Threshold === undefined || Period === undefined) return undefined;
  return {
    namespace: Namespace,
    name: MetricName,
    dimensions: alarm.Dimensions ?? [],
    statistic: alarm.Statistic ?? alarm.ExtendedStatistic ?? 'Average',
    periodSeconds: Period,
    threshold: Threshold,
    comparison: alarm.ComparisonOperator ?? '',
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: alarm.DatapointsToAlarm ?? EvaluationPeriods,
  };
}
