import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AlarmDatapoint,
  evaluate,
} from '../../../../src/services/cloudwatch/alarms/alarm-evaluation.ts';
import { stateReason, stateReasonData } from '../../../../src/services/cloudwatch/alarms/alarm-reasons.ts';
import type { Alarm, StateValue } from '../../../../src/services/cloudwatch/alarms/alarm.ts';
import { alarmOf } from '../alarm-of.ts';

const noon = Date.UTC(2019, 9, 2, 16, 59);

function points(alarm: Alarm, ...values: readonly number[]): AlarmDatapoint[] {
  return values.map((value, index) => ({
    beginMs: noon + index * 60_000,
    sampleCount: 1,
    value,
    breaching: value > alarm.threshold,
  }));
}

function reason(alarm: Alarm, from: StateValue, range: readonly (AlarmDatapoint | undefined)[]): string {
  const evaluation = evaluate(alarm, range);
  assert.notEqual(evaluation.outcome, 'retain');
  // Not 'retain', as was just asserted.
  return stateReason(alarm, from, evaluation.outcome as StateValue, evaluation);
}

test('one datapoint over the threshold', () => {
  const alarm = alarmOf({ threshold: 21 });
  assert.equal(
    reason(alarm, 'OK', points(alarm, 21.5)),
    'Threshold Crossed: 1 datapoint [21.5 (02/10/19 16:59:00)] was greater than the threshold (21.0).',
  );
});

test('one datapoint that is back below it', () => {
  const alarm = alarmOf({ threshold: 21 });
  assert.equal(
    reason(alarm, 'ALARM', points(alarm, 20)),
    'Threshold Crossed: 1 datapoint [20.0 (02/10/19 16:59:00)] was not greater than the threshold (21.0).',
  );
});

test('with DatapointsToAlarm the required number is stated', () => {
  const alarm = alarmOf({ threshold: 50, datapointsToAlarm: 1 });
  assert.equal(
    reason(alarm, 'OK', points(alarm, 99.5)),
    'Threshold Crossed: 1 out of the last 1 datapoints [99.5 (02/10/19 16:59:00)] was greater than the threshold (50.0) (minimum 1 datapoint for OK -> ALARM transition).',
  );
});

test('two of three, both listed', () => {
  const alarm = alarmOf({ threshold: 50, datapointsToAlarm: 2, evaluationPeriods: 3 });
  assert.equal(
    reason(alarm, 'OK', points(alarm, 99.5, 1, 60)),
    'Threshold Crossed: 2 out of the last 3 datapoints [99.5 (02/10/19 16:59:00), 60.0 (02/10/19 17:01:00)] were greater than the threshold (50.0) (minimum 2 datapoints for OK -> ALARM transition).',
  );
});

test('missing data that counts as breaching', () => {
  const alarm = alarmOf({ evaluationPeriods: 2, treatMissingData: 'breaching' });
  assert.equal(
    reason(alarm, 'OK', [undefined, undefined]),
    'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
  );
});

test('missing data without effect', () => {
  assert.equal(reason(alarmOf({}), 'OK', [undefined]), 'Insufficient Data: 1 datapoint was unknown.');
});

test('a reason fits into 1,023 characters however many datapoints there are', () => {
  const alarm = alarmOf({ evaluationPeriods: 1440, threshold: 0 });
  const range = points(alarm, ...Array.from({ length: 1440 }, () => 1234.5678));
  assert.ok(reason(alarm, 'OK', range).length < 1023);
  assert.ok(stateReasonData(alarm, evaluate(alarm, range), noon).length <= 4000);
});

test('the reason data lists the evaluated datapoints, newest first', () => {
  const alarm = alarmOf({ evaluationPeriods: 2, threshold: 21 });
  const data: unknown = JSON.parse(
    stateReasonData(alarm, evaluate(alarm, points(alarm, 22, 23)), noon + 121_000),
  );
  assert.deepEqual(data, {
    version: '1.0',
    queryDate: '2019-10-02T17:01:01.000+0000',
    startDate: '2019-10-02T16:59:00.000+0000',
    statistic: 'Sum',
    period: 60,
    recentDatapoints: [22, 23],
    threshold: 21,
    evaluatedDatapoints: [
      { timestamp: '2019-10-02T17:00:00.000+0000', sampleCount: 1, value: 23 },
      { timestamp: '2019-10-02T16:59:00.000+0000', sampleCount: 1, value: 22 },
    ],
  });
});
