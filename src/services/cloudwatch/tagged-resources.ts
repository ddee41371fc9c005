import { parseArn } from '../../aws/arn.ts';
import { awsLimits } from '../../aws/limits.ts';
import { plainTagRules, type Tags, tagsOf, withTags } from '../../aws/tags.ts';
import type { CloudWatchContext, CloudWatchReads } from './context.ts';
import { resourceNotFoundException, validationError } from './errors.ts';

const rules = plainTagRules(awsLimits.tagsMax, validationError, (max) =>
  validationError(`An alarm or dashboard has at most ${max} tags.`),
);

/** Throws ValidationError for tags that break a rule. */
export function withResourceTags(
  present: Tags,
  added: readonly { readonly Key: string; readonly Value: string }[],
): Tags {
  return withTags(present, tagsOf(added, rules), rules);
}

/** Dashboards have no region. */
export function dashboardArn(accountId: string, name: string): string {
  return `arn:aws:cloudwatch::${accountId}:dashboard/${name}`;
}

/** The tags of the alarm or dashboard with this ARN; empty if it does not exist. Throws ValidationError. */
export function resourceTags(
  { alarms, dashboards }: Pick<CloudWatchReads, 'alarms' | 'dashboards'>,
  arn: string,
): Tags {
  const { kind, name } = namedBy(arn);
  return (kind === 'alarm' ? alarms : dashboards).get(name)?.tags ?? {};
}

/** Throws ValidationError, ResourceNotFoundException. */
export async function changeResourceTags(
  { alarms, dashboards }: Pick<CloudWatchContext, 'alarms' | 'dashboards'>,
  arn: string,
  change: (tags: Tags) => Tags,
): Promise<void> {
  const { kind, name } = namedBy(arn);
  if (kind === 'dashboard') return await dashboards.changeTags(name, change);
  if (alarms.get(name) === undefined) throw resourceNotFoundException('alarm', name);
  await alarms.update([name], (alarm) => ({ ...alarm, tags: change(alarm.tags) }));
}

/** The alarm or dashboard that an ARN of the tagging operations names. Throws ValidationError. */
function namedBy(arn: string): { readonly kind: 'alarm' | 'dashboard'; readonly name: string } {
  const { service, resource = '' } = parseArn(arn) ?? {};
  const [, kind, name = ''] = /^(alarm:|dashboard\/)(.+)$/s.exec(resource) ?? [];
  if (service !== 'cloudwatch' || kind === undefined)
    throw validationError(`Invalid resource ARN: ${arn}; nagare tags alarms and dashboards only.`);
  return { kind: kind === 'alarm:' ? 'alarm' : 'dashboard', name };
}
