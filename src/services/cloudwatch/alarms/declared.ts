import { formatArn } from '../../../aws/arn.ts';
import { isDeepStrictEqual } from 'node:util';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { section } from '../../../config/declarations.ts';
import { described, listOf, optional, text, type ValueOf } from '../../../config/yaml-reader.ts';
import { declaredTags, ModelInput, pairs } from '../../../declarations/model-reader.ts';
import { differences, type Declarer, type PlanStep } from '../../../declarations/plan.ts';
import type { Checked } from '../../../protocol/service.ts';
import { closest } from '../../../support/closest.ts';
import api from '../api.json' with { type: 'json' };
import type { Dashboards } from '../dashboards/dashboards.ts';
import { describeAlarmsAndDashboards } from '../description.ts';
import { topicUnknown, validationError } from '../errors.ts';
import { parseAlarm } from './alarm-input.ts';
import type { AlarmConfiguration, Alarms } from './alarms.ts';

type Input = Checked<PutMetricAlarmInput>;

const alarmInput = new ModelInput<Input>(api, 'PutMetricAlarmInput', {
  Dimensions: pairs('Name'),
  ResourceList: described('Names of declared or existing topics, or ARNs', listOf(text())),
});

const actionOptions = [
  ['AlarmActions', 'alarmActions'],
  ['OKActions', 'okActions'],
  ['InsufficientDataActions', 'insufficientDataActions'],
] as const;

const alarm = alarmInput.reader({
  members: [
    'ActionsEnabled',
    'AlarmActions',
    'AlarmDescription',
    'ComparisonOperator',
    'DatapointsToAlarm',
    'Dimensions',
    'EvaluateLowSampleCountPercentile',
    'EvaluationPeriods',
    'ExtendedStatistic',
    'InsufficientDataActions',
    'MetricName',
    'Namespace',
    'OKActions',
    'Period',
    'Statistic',
    'Threshold',
    'TreatMissingData',
    'Unit',
  ],
  required: ['ComparisonOperator', 'MetricName', 'Namespace', 'Period', 'Threshold'],
  defaults: { EvaluationPeriods: 1, ActionsEnabled: true },
  own: { tags: optional(declaredTags) },
});

export const alarmsSection = section('alarms', alarm);

type DeclaredAlarm = ValueOf<typeof alarm>;

export interface AlarmDeclarerDependencies {
  readonly alarms: Alarms;
  readonly dashboards: Dashboards;
  readonly region: string;
  readonly accountId: string;
  /** The names of all topics. */
  readonly topicNames: () => readonly string[];
}

/** Declares the alarms of `nagare.yaml`; an alarm that exists keeps its state. */
export function alarmDeclarer(dependencies: AlarmDeclarerDependencies): Declarer {
  return {
    plan(declarations) {
      const topics = new Set([...declarations.names('topics'), ...dependencies.topicNames()]);
      return declarations.entries(alarmsSection).map(({ name, path, value }) => ({
        resource: ['alarms', name],
        path,
        check: () => planAlarm(dependencies, name, value, topics),
      }));
    },
    describe: () => describeAlarmsAndDashboards(dependencies),
    find: ([, name = '']) =>
      dependencies.alarms.get(name) === undefined
        ? undefined
        : { remove: () => dependencies.alarms.delete([name]) },
  };
}

/** Throws the ServiceErrors of PutMetricAlarm, and one for a topic name that is not among `topics`. */
function planAlarm(
  { alarms, region, accountId }: AlarmDeclarerDependencies,
  name: string,
  declared: DeclaredAlarm,
  topics: ReadonlySet<string>,
): PlanStep {
  const input = inputOf(name, declared, formatArn('sns', { region, accountId }, ''));
  const violations = alarmInput.violations(input);
  if (violations !== undefined) throw validationError(violations);
  const configuration = parseAlarm(input, region, accountId);
  checkTopics(declared, topics);
  const before = configurationOf(alarms, name);
  if (before === undefined) return { action: 'create', apply: () => alarms.put(configuration) };
  const after = declared.own.tags === undefined ? { ...configuration, tags: before.tags } : configuration;
  if (isDeepStrictEqual(before, after)) return { action: 'leave', apply: () => Promise.resolve() };
  const apply = () => alarms.put(after, { replacesTags: true });
  return { action: 'change', details: changesOf(before, after), apply };
}

function configurationOf(alarms: Alarms, name: string): AlarmConfiguration | undefined {
  const present = alarms.get(name);
  if (present === undefined) return undefined;
  const { state: _, configuredMs: __, ...configuration } = present;
  return configuration;
}

function changesOf(before: AlarmConfiguration, after: AlarmConfiguration): string {
  const left: Readonly<Record<string, unknown>> = { ...before };
  const right: Readonly<Record<string, unknown>> = { ...after };
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return differences(Object.fromEntries(names.map((name) => [name, [left[name], right[name]] as const])));
}

/** A name must be a topic of this server, while an ARN may name one that is created later, as on AWS. */
function checkTopics({ input }: DeclaredAlarm, topics: ReadonlySet<string>): void {
  for (const [member, option] of actionOptions) {
    const unknown = input[member]?.find((action) => !action.startsWith('arn:') && !topics.has(action));
    if (unknown !== undefined) throw topicUnknown(option, unknown, closest(unknown, [...topics]));
  }
}

/** The equivalent PutMetricAlarm request, in which topics are ARNs. */
function inputOf(name: string, { input, own }: DeclaredAlarm, topicArnPrefix: string): Input {
  const arns = (actions: readonly string[] = []): string[] =>
    actions.map((action) => (action.startsWith('arn:') ? action : topicArnPrefix + action));
  return {
    ...input,
    ...(own.tags !== undefined && { Tags: own.tags }),
    AlarmName: name,
    AlarmActions: arns(input.AlarmActions),
    OKActions: arns(input.OKActions),
    InsufficientDataActions: arns(input.InsufficientDataActions),
  };
}
