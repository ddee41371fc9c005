import { cloudWatchLimits } from '../limits.ts';
import type { Catalog, Table, Transaction } from '../../../engine/catalog.ts';
import { isBasicStatistic } from '../metrics/statistic.ts';
import { awsTime } from './alarm-reasons.ts';
import type { Alarm, AlarmState } from './alarm.ts';

export type HistoryItemType = 'ConfigurationUpdate' | 'StateUpdate' | 'Action';

export interface HistoryItem {
  readonly alarmName: string;
  readonly timeMs: number;
  readonly type: HistoryItemType;
  readonly summary: string;
  /** A JSON string. */
  readonly data: string;
}

const DATA_CHARACTERS_MAX = 4095;
const SUMMARY_CHARACTERS_MAX = 255;

/**
 * The history of alarms: kept for thirty days, the newest five hundred items of each alarm, also after the alarm was
 * deleted. Written in the same commit as the change that it records.
 */
export class AlarmHistory {
  readonly #table: Table<HistoryItem>;

  constructor(catalog: Catalog) {
    this.#table = catalog.table('cloudwatch.alarm-history');
  }

  add(transaction: Transaction, item: HistoryItem): void {
    const prefix = keyPrefix(item.alarmName);
    const keys = [...transaction.entries(this.#table, prefix)].map(([key]) => key);
    const last = keys.at(-1)?.slice(prefix.length) ?? '';
    const sameTime = last.slice(0, TIME_DIGITS) === padded(item.timeMs, TIME_DIGITS);
    const ordinal = sameTime ? Number(last.slice(TIME_DIGITS + 1)) + 1 : 0;
    const key = `${prefix}${padded(item.timeMs, TIME_DIGITS)}-${padded(ordinal, ORDINAL_DIGITS)}`;
    transaction.put(this.#table, key, {
      ...item,
      summary: item.summary.slice(0, SUMMARY_CHARACTERS_MAX),
      data: item.data.slice(0, DATA_CHARACTERS_MAX),
    });
    const surplus = keys.length + 1 - cloudWatchLimits.alarmHistoryItemsMax;
    for (const old of keys.slice(0, Math.max(surplus, 0))) transaction.delete(this.#table, old);
  }

  /** Removes items that are too old. */
  expire(transaction: Transaction, nowMs: number): void {
    for (const [key, item] of transaction.entries(this.#table)) {
      if (item.timeMs < nowMs - cloudWatchLimits.alarmHistoryRetentionMs)
        transaction.delete(this.#table, key);
    }
  }

  /** The items of one alarm or of all, with their keys, by alarm and time. */
  entries(alarmName: string | undefined): IterableIterator<readonly [string, HistoryItem]> {
    return this.#table.entries(alarmName === undefined ? undefined : keyPrefix(alarmName));
  }
}

const TIME_DIGITS = 15;
const ORDINAL_DIGITS = 6;

/** An alarm's name contains no control characters. */
function keyPrefix(alarmName: string): string {
  return `${alarmName}\u0000`;
}

function padded(number: number, digits: number): string {
  return number.toString().padStart(digits, '0');
}

export function stateUpdate(alarm: Alarm, before: AlarmState, now: AlarmState): HistoryItem {
  return {
    alarmName: alarm.name,
    timeMs: now.updatedMs,
    type: 'StateUpdate',
    summary: `Alarm updated from ${before.value} to ${now.value}`,
    data: JSON.stringify({ version: '1.0', oldState: stateData(before), newState: stateData(now) }),
  };
}

function stateData({ value, reason, reasonData }: AlarmState): object {
  const data = reasonData === undefined ? {} : { stateReasonData: parsed(reasonData) };
  return { stateValue: value, stateReason: reason, ...data };
}

/** SetAlarmState accepts any text as reason data. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export function configurationUpdate(
  alarm: Alarm,
  what: 'Create' | 'Update' | 'Delete',
  timeMs: number,
): HistoryItem {
  const verb = { Create: 'created', Update: 'updated', Delete: 'deleted' }[what];
  return {
    alarmName: alarm.name,
    timeMs,
    type: 'ConfigurationUpdate',
    summary: `Alarm "${alarm.name}" ${verb}`,
    data: JSON.stringify({ version: '1.0', type: what, [`${verb}Alarm`]: configurationData(alarm) }),
  };
}

/** AWS's members, in AWS's spelling. */
function configurationData(alarm: Alarm): object {
  return {
    alarmName: alarm.name,
    alarmArn: alarm.arn,
    alarmDescription: alarm.description,
    actionsEnabled: alarm.actionsEnabled,
    okactions: alarm.okActions,
    alarmActions: alarm.alarmActions,
    insufficientDataActions: alarm.insufficientDataActions,
    namespace: alarm.namespace,
    metricName: alarm.metricName,
    dimensions: alarm.dimensions,
    ...(isBasicStatistic(alarm.statistic)
      ? { statistic: alarm.statistic }
      : { extendedStatistic: alarm.statistic }),
    unit: alarm.unit,
    period: alarm.periodSeconds,
    evaluationPeriods: alarm.evaluationPeriods,
    datapointsToAlarm: alarm.datapointsToAlarm,
    threshold: alarm.threshold,
    comparisonOperator: alarm.comparisonOperator,
    treatMissingData: alarm.treatMissingData,
    evaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile,
    stateValue: alarm.state.value,
    alarmConfigurationUpdatedTimestamp: awsTime(alarm.configuredMs),
  };
}

export function actionTaken(
  alarmName: string,
  actionArn: string,
  timeMs: number,
  error: string | undefined,
): HistoryItem {
  return {
    alarmName,
    timeMs,
    type: 'Action',
    summary:
      error === undefined
        ? `Successfully executed action ${actionArn}`
        : `Failed to execute action ${actionArn}. Received error: "${error}"`,
    data: JSON.stringify({
      version: '1.0',
      actionState: error === undefined ? 'Succeeded' : 'Failed',
      notificationResource: actionArn,
      ...(error === undefined ? {} : { error }),
    }),
  };
}
