import { formatArn, parseArn, type RegionAndAccount } from '../../aws/arn.ts';
import {
  type Authorization,
  type AuthorizationRule,
  creationOf,
  type Need,
  onAll,
  requestTagList,
  tagKeys,
} from '../../protocol/authorization.ts';
import type { CloudWatchReads } from './context.ts';
import type api from './api.json';
import { dashboardArn } from './tagged-resources.ts';

interface NamesInput {
  readonly AlarmNames?: readonly string[];
}

interface AlarmInput {
  readonly AlarmName: string;
  readonly AlarmActions?: readonly string[];
  readonly OKActions?: readonly string[];
  readonly InsufficientDataActions?: readonly string[];
  readonly Tags?: TagList;
}

interface ResourceInput {
  readonly ResourceARN: string;
}

type TagList = readonly { readonly Key: string; readonly Value: string }[];

/** What the operations of CloudWatch need (service authorization reference, Amazon CloudWatch). */
export function cloudWatchAuthorization(
  place: RegionAndAccount,
  context: Pick<CloudWatchReads, 'alarms' | 'dashboards'>,
): Authorization {
  const alarmArn = (name: string): string => formatArn('cloudwatch', place, `alarm:${name}`);
  const onDashboards = (name: string): string => dashboardArn(place.accountId, name);
  const onAlarms: AuthorizationRule = ({ AlarmNames = [] }: NamesInput) =>
    AlarmNames.length === 0 ? alarmArn('*') : AlarmNames.map(alarmArn);
  const onDashboard: AuthorizationRule = ({ DashboardName }: { readonly DashboardName: string }) =>
    onDashboards(DashboardName);
  const putAlarm = (input: AlarmInput): Need[] =>
    creationOf(alarmArn(input.AlarmName), requestTagList(input.Tags), 'cloudwatch:TagResource', {
      'cloudwatch:alarmactions': actionsOf(input),
    });
  // As it is found: by its name, in this account.
  const tagged = ({ ResourceARN }: ResourceInput): string => {
    const resource = parseArn(ResourceARN)?.resource ?? '';
    const [, dashboard] = /^dashboard\/(.+)$/s.exec(resource) ?? [];
    if (dashboard !== undefined) return onDashboards(dashboard);
    return alarmArn(resource.replace(/^alarm:/, ''));
  };
  const rules = {
    DeleteAlarms: onAlarms,
    DeleteDashboards: ({ DashboardNames }: { readonly DashboardNames: readonly string[] }) =>
      DashboardNames.map(onDashboards),
    DescribeAlarmHistory: ({ AlarmName = '*' }: Partial<AlarmInput>) => alarmArn(AlarmName),
    DescribeAlarms: onAlarms,
    DescribeAlarmsForMetric: onAll,
    DisableAlarmActions: onAlarms,
    EnableAlarmActions: onAlarms,
    GetDashboard: onDashboard,
    GetMetricData: onAll,
    GetMetricStatistics: onAll,
    ListDashboards: onAll,
    ListMetrics: onAll,
    ListTagsForResource: tagged,
    PutCompositeAlarm: putAlarm,
    PutDashboard: onDashboard,
    PutMetricAlarm: putAlarm,
    PutMetricData: ({ Namespace }: { readonly Namespace: string }) => ({
      resource: '*',
      keys: { 'cloudwatch:namespace': Namespace },
    }),
    SetAlarmState: ({ AlarmName }: AlarmInput) => alarmArn(AlarmName),
    TagResource: (input: ResourceInput & { readonly Tags: TagList }) => ({
      resource: tagged(input),
      keys: requestTagList(input.Tags),
    }),
    UntagResource: (input: ResourceInput & { readonly TagKeys: readonly string[] }) => ({
      resource: tagged(input),
      keys: tagKeys(input.TagKeys),
    }),
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return {
    prefix: 'cloudwatch',
    rules,
    tagsOf: (resource) => {
      const [, kind, name = ''] = /:(alarm:|dashboard\/)(.+)$/s.exec(resource) ?? [];
      return (kind === 'alarm:' ? context.alarms : context.dashboards).get(name)?.tags;
    },
  };
}

function actionsOf({
  AlarmActions = [],
  OKActions = [],
  InsufficientDataActions = [],
}: AlarmInput): string[] {
  return [...AlarmActions, ...OKActions, ...InsufficientDataActions];
}
