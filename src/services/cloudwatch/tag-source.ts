import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import { withoutTags } from '../../aws/tags.ts';
import type { CloudWatchContext, CloudWatchReads } from './context.ts';
import { changeResourceTags, dashboardArn, withResourceTags } from './tagged-resources.ts';

export function* taggedAlarms(
  { alarms, dashboards }: Pick<CloudWatchReads, 'alarms' | 'dashboards'>,
  accountId: string,
): Generator<TaggedResource> {
  for (const { arn, tags } of alarms.all()) yield { arn, tags };
  for (const { name, tags } of dashboards.all()) yield { arn: dashboardArn(accountId, name), tags };
}

/** The tags of alarms and dashboards. */
export function cloudWatchTags(
  context: Pick<CloudWatchContext, 'alarms' | 'dashboards'>,
  accountId: string,
): TagSource {
  return {
    resources: () => taggedAlarms(context, accountId),
    change(arn, { added, removed }) {
      const list = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
      return changeResourceTags(context, arn, (tags) => withResourceTags(withoutTags(tags, removed), list));
    },
  };
}
