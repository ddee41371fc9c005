import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  alarmDatapoint,
  type AlarmDatapoint,
  type AlarmRule,
  evaluate,
  evaluationRange,
  isBreachFinal,
} from '../../../../src/services/cloudwatch/alarms/alarm-evaluation.ts';
import {
  comparisonOperators,
  missingDataTreatments,
} from '../../../../src/services/cloudwatch/alarms/alarm.ts';
import { basicStatistics } from '../../../../src/services/cloudwatch/metrics/statistic.ts';

/** `0 - X`: within the threshold, missing, breaching; the newest is on the right. */
function rangeOf(picture: string): (AlarmDatapoint | undefined)[] {
  return picture.split(' ').map((mark, index) => {
    if (mark === '-') return undefined;
    return { beginMs: index * 60_000, sampleCount: 1, value: mark === 'X' ? 2 : 0, breaching: mark === 'X' };
  });
}

function ruleOf(needed: number, of: number): AlarmRule {
  return {
    statistic: 'Sum',
    evaluationPeriods: of,
    datapointsToAlarm: needed,
    threshold: 1,
    comparisonOperator: 'GreaterThanThreshold',
  };
}

/** The tables of "Configuring how CloudWatch alarms treat missing data", and what its text says beside them. */
const tables = [
  {
    needed: 3,
    of: 3,
    rows: [
      // picture, missing, ignore, breaching, notBreaching
      ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
      ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
      ['- - - - -', 'INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK'],
      ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['- - X - -', 'ALARM', 'retain', 'ALARM', 'OK'],
      // No alarm before its time: the oldest breaching point is not three periods old.
      ['- - - - X', 'retain', 'retain', 'ALARM', 'OK'],
      ['- - - X -', 'retain', 'retain', 'ALARM', 'OK'],
      ['- - - X X', 'retain', 'retain', 'ALARM', 'OK'],
      ['X - - - -', 'ALARM', 'retain', 'ALARM', 'OK'],
      // Enough real points: the newest of them decide, whatever fills gaps.
      ['X X X 0 X', 'OK', 'OK', 'OK', 'OK'],
      ['0 0 X X X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ],
  },
  {
    needed: 2,
    of: 3,
    rows: [
      ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
      ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
      ['- - - X -', 'ALARM', 'retain', 'ALARM', 'OK'],
      ['- - - - X', 'retain', 'retain', 'ALARM', 'OK'],
      ['- - - X X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['X X 0 0 0', 'OK', 'OK', 'OK', 'OK'],
    ],
  },
  {
    needed: 1,
    of: 1,
    rows: [
      ['- - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['- X -', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
      ['X - 0', 'OK', 'OK', 'OK', 'OK'],
      ['- - -', 'INSUFFICIENT_DATA', 'retain', 'ALARM', 'OK'],
    ],
  },
] as const;

for (const { needed, of, rows } of tables) {
  describe(`an alarm that needs ${needed} of ${of} datapoints`, () => {
    for (const [picture, missing, ignore, breaching, notBreaching] of rows) {
      const expected = { missing, ignore, breaching, notBreaching };
      test(`evaluates to ${picture}`, () => {
        for (const treatment of missingDataTreatments) {
          const rule = { ...ruleOf(needed, of), treatMissingData: treatment };
          assert.equal(evaluate(rule, rangeOf(picture)).outcome, expected[treatment], treatment);
        }
      });
    }
  });
}

test('missing data is "missing" by default', () => {
  assert.equal(evaluate(ruleOf(1, 1), rangeOf('- - -')).outcome, 'INSUFFICIENT_DATA');
});

test('without DatapointsToAlarm all datapoints of the evaluation periods must breach', () => {
  const { datapointsToAlarm: _, ...rule } = ruleOf(3, 3);
  assert.equal(evaluate(rule, rangeOf('0 0 0 X X')).outcome, 'OK');
  assert.equal(evaluate(rule, rangeOf('0 0 X X X')).outcome, 'ALARM');
});

test('as few periods as necessary are filled', () => {
  const { missing, datapoints } = evaluate(ruleOf(3, 3), rangeOf('0 - - - -'));
  assert.equal(missing, 2);
  assert.equal(datapoints.length, 1);
});

test('the evaluation range is 5 for 3 periods, as AWS documents', () => {
  assert.equal(evaluationRange(3), 5);
});

test('a value at the threshold breaches only the operators with OrEqual', () => {
  const breaching = comparisonOperators.filter((comparisonOperator) => {
    const set = { sampleCount: 1, sum: 5, minimum: 5, maximum: 5 };
    return alarmDatapoint({ statistic: 'Sum', threshold: 5, comparisonOperator }, 0, set)?.breaching;
  });
  assert.deepEqual(breaching, ['GreaterThanOrEqualToThreshold', 'LessThanOrEqualToThreshold']);
});

test('the current period is evaluated early only when more samples cannot change the result', () => {
  const final = [];
  const set = { sampleCount: 20, sum: 100, minimum: 1, maximum: 20 };
  for (const statistic of [...basicStatistics, 'p99', 'tc90']) {
    for (const [comparisonOperator, threshold] of [
      ['GreaterThanThreshold', 0],
      ['LessThanThreshold', 1000],
    ] as const) {
      if (isBreachFinal({ statistic, comparisonOperator, threshold }, set))
        final.push([statistic, comparisonOperator]);
    }
  }
  assert.deepEqual(final, [
    ['SampleCount', 'GreaterThanThreshold'],
    ['Sum', 'GreaterThanThreshold'],
    ['Minimum', 'LessThanThreshold'],
    ['Maximum', 'GreaterThanThreshold'],
  ]);
});

test('a sum with negative samples may decrease again, and waits for the end', () => {
  const rule = { statistic: 'Sum', comparisonOperator: 'GreaterThanThreshold', threshold: 10 } as const;
  assert.equal(isBreachFinal(rule, { sampleCount: 2, sum: 11, minimum: -1, maximum: 12 }), false);
  assert.equal(isBreachFinal(rule, { sampleCount: 2, sum: 11, minimum: 0, maximum: 11 }), true);
});

// `o` and `x` are percentiles of too few samples: within the threshold, and breaching.
const lowSamples = [
  // picture, needed, of, outcome
  ['x', 1, 1, 'retain'],
  ['o', 1, 1, 'retain'],
  ['0 0 x', 1, 1, 'retain'],
  ['X x x', 1, 3, 'ALARM'],
  ['x 0 0', 2, 3, 'OK'],
  ['X x 0', 2, 3, 'retain'],
  ['X o 0', 2, 3, 'retain'],
  ['X X o', 2, 3, 'ALARM'],
  ['0 0 0 x x x', 3, 3, 'retain'],
] as const;

for (const [picture, needed, of, outcome] of lowSamples) {
  test(`where few samples are ignored, ${needed} of ${of} in ${picture} is ${outcome}`, () => {
    const rule = {
      ...ruleOf(needed, of),
      statistic: 'p99',
      evaluateLowSampleCountPercentile: 'ignore',
    } as const;
    const range = rangeOf(picture.toUpperCase().replaceAll('O', '0')).map((point, index) => {
      const isLow = /[xo]/.test(picture[index * 2] ?? '');
      return point && { ...point, sampleCount: isLow ? 999 : 1_000 };
    });
    assert.equal(evaluate(rule, range).outcome, outcome);
    const { evaluateLowSampleCountPercentile: _, ...evaluated } = rule;
    assert.notEqual(evaluate(evaluated, range).outcome, 'retain');
  });
}
