import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { formatArn } from '../../../aws/arn.ts';
import { cloudWatchLimits } from '../limits.ts';
import type { Checked } from '../../../protocol/service.ts';
import { actionKind } from './alarm-actions.ts';
import { comparisonOperators, lowSampleTreatments, missingDataTreatments } from './alarm.ts';
import type { AlarmConfiguration } from './alarms.ts';
import { invalidParameterValue, missingParameter, notSupported, validationError } from '../errors.ts';
import { parseExtendedStatistic, significantSamples } from '../metrics/extended-statistic.ts';
import { dimensionsOf } from '../metrics/metric-input.ts';
import { basicStatistics } from '../metrics/statistic.ts';
import { withResourceTags } from '../tagged-resources.ts';
import { units } from '../metrics/units.ts';

const ANOMALY_OPERATORS: readonly string[] = [
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
];
/** Options of alarms that are not based on a single metric. */
const REFUSED = [
  ['Metrics', 'Metrics (metric math)'],
  ['ThresholdMetricId', 'ThresholdMetricId (anomaly detection)'],
  ['EvaluationCriteria', 'EvaluationCriteria (PromQL)'],
  ['EvaluationInterval', 'EvaluationInterval (PromQL)'],
  ['WarmUpConfiguration', 'WarmUpConfiguration'],
  ['ActionConfiguration', 'ActionConfiguration'],
] as const;

/** Validates the input of PutMetricAlarm beyond its shape. */
export function parseAlarm(
  input: Checked<PutMetricAlarmInput>,
  region: string,
  accountId: string,
): AlarmConfiguration {
  for (const [option, words] of REFUSED) if (input[option] !== undefined) throw notSupported(words);
  if (input.EvaluationWindow !== undefined && input.EvaluationWindow.SlidingWindow === undefined) {
    throw notSupported('EvaluationWindow other than SlidingWindow');
  }
  // oxlint-disable-next-line no-control-regex -- AWS's own rule for names
  if (/[\u0000-\u001f\u007f]/.test(input.AlarmName)) {
    throw validationError('AlarmName must not contain control characters.');
  }
  const { evaluationPeriods, datapointsToAlarm, periodSeconds } = parsePeriods(input);
  const unit = input.Unit === undefined ? undefined : oneOf('unit', input.Unit, units);
  const treatMissingData =
    input.TreatMissingData === undefined
      ? undefined
      : oneOf('treatMissingData', input.TreatMissingData, missingDataTreatments);
  return {
    name: input.AlarmName,
    arn: formatArn('cloudwatch', { region, accountId }, `alarm:${input.AlarmName}`),
    region,
    accountId,
    ...(input.AlarmDescription === undefined ? {} : { description: input.AlarmDescription }),
    actionsEnabled: input.ActionsEnabled ?? true,
    okActions: parseActions(input.OKActions),
    alarmActions: parseActions(input.AlarmActions),
    insufficientDataActions: parseActions(input.InsufficientDataActions),
    namespace: required('Namespace', input.Namespace),
    metricName: required('MetricName', input.MetricName),
    dimensions: dimensionsOf(input.Dimensions),
    ...parseStatistic(input),
    ...(unit === undefined ? {} : { unit }),
    periodSeconds,
    evaluationPeriods,
    ...(datapointsToAlarm === undefined ? {} : { datapointsToAlarm }),
    threshold: required('Threshold', input.Threshold),
    comparisonOperator: parseOperator(required('ComparisonOperator', input.ComparisonOperator)),
    ...(treatMissingData === undefined ? {} : { treatMissingData }),
    tags: withResourceTags({}, input.Tags ?? []),
  };
}

/** AWS's words, as public records of its answers have them. */
function parseStatistic({
  Statistic,
  ExtendedStatistic,
  EvaluateLowSampleCountPercentile: treatment,
}: Checked<PutMetricAlarmInput>): Pick<AlarmConfiguration, 'statistic' | 'evaluateLowSampleCountPercentile'> {
  if (Statistic !== undefined && ExtendedStatistic !== undefined) {
    throw validationError(
      'PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. Only one of them should be present',
    );
  }
  if (ExtendedStatistic !== undefined && parseExtendedStatistic(ExtendedStatistic) === undefined) {
    throw invalidParameterValue(
      `The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported.`,
    );
  }
  const statistic =
    ExtendedStatistic ??
    oneOf('statistic', required('Statistic or ExtendedStatistic', Statistic), basicStatistics);
  if (treatment === undefined) return { statistic };
  const known = lowSampleTreatments.find((word) => word === treatment);
  if (known === undefined) {
    throw validationError(
      `Option ${treatment} is not supported. Supported options for parameter EvaluateLowSampleCountPercentile are evaluate and ignore.`,
    );
  }
  if (significantSamples(statistic) === undefined) {
    throw validationError(
      `Option evaluateLowSampleCountPercentile can not be applied with statistic ${statistic}. This option is enabled only for percentile statistics.`,
    );
  }
  return { statistic, evaluateLowSampleCountPercentile: known };
}

function parsePeriods(
  input: Checked<PutMetricAlarmInput>,
): Pick<AlarmConfiguration, 'evaluationPeriods' | 'datapointsToAlarm' | 'periodSeconds'> {
  const periodSeconds = required('Period', input.Period);
  if (![10, 20, 30].includes(periodSeconds) && (periodSeconds < 60 || periodSeconds % 60 !== 0)) {
    throw validationError(
      `Invalid metric period ${periodSeconds}. Valid periods are 10, 20, 30, and multiples of 60.`,
    );
  }
  const evaluationPeriods = required('EvaluationPeriods', input.EvaluationPeriods);
  const datapointsToAlarm = input.DatapointsToAlarm;
  if (datapointsToAlarm !== undefined && datapointsToAlarm > evaluationPeriods) {
    throw validationError(
      `DatapointsToAlarm (${datapointsToAlarm}) must not be greater than EvaluationPeriods (${evaluationPeriods}).`,
    );
  }
  const windowMs = evaluationPeriods * periodSeconds * 1000;
  const mostMs =
    periodSeconds < 3600 ? cloudWatchLimits.alarmShortPeriodWindowMs : cloudWatchLimits.alarmWindowMs;
  if (windowMs > mostMs) {
    throw validationError(
      `Metrics cannot be checked across more than ${mostMs === cloudWatchLimits.alarmWindowMs ? 'a week' : 'a day'} (EvaluationPeriods * Period must be <= ${mostMs / 1000}).`,
    );
  }
  return {
    periodSeconds,
    evaluationPeriods,
    ...(datapointsToAlarm === undefined ? {} : { datapointsToAlarm }),
  };
}

function parseOperator(operator: string): AlarmConfiguration['comparisonOperator'] {
  if (ANOMALY_OPERATORS.includes(operator)) throw notSupported(`ComparisonOperator ${operator}`);
  return oneOf('comparisonOperator', operator, comparisonOperators);
}

function parseActions(arns: readonly string[] | undefined): string[] {
  for (const arn of arns ?? []) {
    if (!/^arn:[^:]+:[^:]+:/.test(arn)) throw validationError(`Invalid arn syntax: ${arn}`);
    if (actionKind(arn) === undefined) {
      throw notSupported(`the action ${arn} (only SNS topics and Lambda functions)`);
    }
  }
  return [...new Set(arns)];
}

function required<Value>(name: string, value: Value | undefined): Value {
  if (value === undefined) throw missingParameter(`The parameter ${name} is required.`);
  return value;
}

function oneOf<const Word extends string>(parameter: string, value: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw validationError(
    `1 validation error detected: Value '${value}' at '${parameter}' failed to satisfy constraint: Member must satisfy enum value set: [${words.join(', ')}]`,
  );
}
