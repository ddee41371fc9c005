import type { Alarm } from '../../../src/services/cloudwatch/alarms/alarm.ts';

/** An alarm on the records that came into the stream `sample`, a minute at a time. */
export function alarmOf(changes: Partial<Alarm>): Alarm {
  return {
    name: 'too many',
    arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:too many',
    region: 'us-east-1',
    accountId: '000000000000',
    actionsEnabled: true,
    okActions: [],
    alarmActions: ['arn:aws:sns:us-east-1:000000000000:sample'],
    insufficientDataActions: [],
    namespace: 'AWS/Kinesis',
    metricName: 'IncomingRecords',
    dimensions: [{ name: 'StreamName', value: 'sample' }],
    statistic: 'Sum',
    periodSeconds: 60,
    evaluationPeriods: 1,
    threshold: 10,
    comparisonOperator: 'GreaterThanThreshold',
    configuredMs: 0,
    state: {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      updatedMs: 0,
      transitionedMs: 0,
    },
    tags: {},
    ...changes,
  };
}
