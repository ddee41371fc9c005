import { isDeepStrictEqual } from 'node:util';
import type {
  ComparisonOperator,
  PutMetricAlarmInput,
  StandardUnit,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import type { Checked } from '../../../protocol/service.ts';
import { compileValidator } from '../../../protocol/validation.ts';
import { closest } from '../../../support/closest.ts';
import api from '../api.json' with { type: 'json' };
import { topicUnknown, validationError } from '../errors.ts';
import { parseAlarm } from './alarm-input.ts';
import type { AlarmConfiguration, Alarms } from './alarms.ts';

/** PutMetricAlarm's options as `nagare.yaml` has them. */
export interface AlarmDeclaration {
  readonly alarmDescription?: string;
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  /** Seconds. */
  readonly period: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number;
  readonly threshold: number;
  readonly comparisonOperator: string;
  readonly treatMissingData?: string;
  readonly unit?: string;
  readonly actionsEnabled?: boolean;
  /** Names of topics, or ARNs. */
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

const violationsOf = compileValidator(api, 'PutMetricAlarmInput');

/** Makes alarms be as declared; one that is so already is left alone. */
export interface AlarmDeclarer {
  /** Throws ServiceError as PutMetricAlarm does, and for names of topics that are not among those. */
  readonly check: (name: string, declaration: AlarmDeclaration, topics: Iterable<string>) => void;
  readonly declare: (name: string, declaration: AlarmDeclaration) => Promise<void>;
}

export function alarmDeclarer(alarms: Alarms, region: string, accountId: string): AlarmDeclarer {
  const parse = (name: string, declaration: AlarmDeclaration): AlarmConfiguration => {
    const input = inputOf(name, declaration, `arn:aws:sns:${region}:${accountId}:`);
    const violations = violationsOf(input);
    if (violations !== undefined) throw validationError(violations);
    return parseAlarm(input, region, accountId);
  };
  return {
    check(name, declaration, topics) {
      parse(name, declaration);
      checkTopics(declaration, new Set(topics));
    },
    async declare(name, declaration) {
      const configuration = parse(name, declaration);
      const present = alarms.get(name);
      if (present !== undefined) {
        const { state: _, configuredMs: __, tags, ...rest } = present;
        if (isDeepStrictEqual({ ...configuration, tags }, { ...rest, tags })) return;
      }
      await alarms.put(configuration);
    },
  };
}

/** A name is one of a topic here, while an ARN may be of one that is created later, as on AWS. */
function checkTopics(declaration: AlarmDeclaration, topics: ReadonlySet<string>): void {
  for (const option of ['alarmActions', 'okActions', 'insufficientDataActions'] as const) {
    const unknown = declaration[option].find((action) => !action.startsWith('arn:') && !topics.has(action));
    if (unknown !== undefined) throw topicUnknown(option, unknown, closest(unknown, [...topics]));
  }
}

/** The request that says the same. */
function inputOf(
  name: string,
  declared: AlarmDeclaration,
  topicArnPrefix: string,
): Checked<PutMetricAlarmInput> {
  const arns = (actions: readonly string[]): string[] =>
    actions.map((action) => (action.startsWith('arn:') ? action : topicArnPrefix + action));
  return {
    AlarmName: name,
    ...(declared.alarmDescription === undefined ? {} : { AlarmDescription: declared.alarmDescription }),
    Namespace: declared.namespace,
    MetricName: declared.metricName,
    Dimensions: Object.entries(declared.dimensions).map(([Name, Value]) => ({ Name, Value })),
    // parseAlarm checks the words, whatever their type says.
    Statistic: declared.statistic as Statistic,
    ComparisonOperator: declared.comparisonOperator as ComparisonOperator,
    ...(declared.unit === undefined ? {} : { Unit: declared.unit as StandardUnit }),
    Period: declared.period,
    EvaluationPeriods: declared.evaluationPeriods,
    ...(declared.datapointsToAlarm === undefined ? {} : { DatapointsToAlarm: declared.datapointsToAlarm }),
    Threshold: declared.threshold,
    ...(declared.treatMissingData === undefined ? {} : { TreatMissingData: declared.treatMissingData }),
    ...(declared.actionsEnabled === undefined ? {} : { ActionsEnabled: declared.actionsEnabled }),
    AlarmActions: arns(declared.alarmActions),
    OKActions: arns(declared.okActions),
    InsufficientDataActions: arns(declared.insufficientDataActions),
  };
}
