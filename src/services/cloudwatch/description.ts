import { compact, type Description } from '../../declarations/description.ts';
import type { Alarm } from './alarms/alarm.ts';
import type { CloudWatchContext } from './context.ts';
import { isBasicStatistic } from './metrics/statistic.ts';

/** All alarms and dashboards. */
export function describeAlarmsAndDashboards({
  alarms,
  dashboards,
}: Pick<CloudWatchContext, 'alarms' | 'dashboards'>): Description {
  const all = [...alarms.all()];
  const boards = [...dashboards.all()];
  return {
    sections: { alarms: Object.fromEntries(all.map((alarm) => [alarm.name, declaredAlarm(alarm)])) },
    imports: [
      ...all.map(({ name }) => ({ type: 'aws_cloudwatch_metric_alarm', name, id: name })),
      ...boards.map(({ name }) => ({ type: 'aws_cloudwatch_dashboard', name, id: name })),
    ],
    undeclared: boards.map(({ name }) => ({ resource: `dashboards.${name}`, what: 'a dashboard' })),
  };
}

function declaredAlarm(alarm: Alarm): Record<string, unknown> {
  return {
    namespace: alarm.namespace,
    metricName: alarm.metricName,
    ...(isBasicStatistic(alarm.statistic)
      ? { statistic: alarm.statistic }
      : { extendedStatistic: alarm.statistic }),
    period: alarm.periodSeconds,
    threshold: alarm.threshold,
    comparisonOperator: alarm.comparisonOperator,
    ...compact({
      alarmDescription: alarm.description,
      dimensions: Object.fromEntries(alarm.dimensions.map(({ name, value }) => [name, value])),
      unit: alarm.unit,
      evaluationPeriods: alarm.evaluationPeriods,
      datapointsToAlarm: alarm.datapointsToAlarm,
      treatMissingData: alarm.treatMissingData,
      evaluateLowSampleCountPercentile: alarm.evaluateLowSampleCountPercentile,
      alarmActions: alarm.alarmActions,
      okActions: alarm.okActions,
      insufficientDataActions: alarm.insufficientDataActions,
      tags: alarm.tags,
    }),
    ...(alarm.actionsEnabled ? {} : { actionsEnabled: false }),
  };
}
