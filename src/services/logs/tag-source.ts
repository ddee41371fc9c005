import type { TaggedResource, TagSource } from '../../aws/tagged-resources.ts';
import type { LogsContext, LogsReads } from './context.ts';
import { groupArn, groupNameOfArn } from './request.ts';
import { addTags, removeTags } from './tags.ts';

export function* taggedGroups(context: LogsReads): Generator<TaggedResource> {
  for (const { name, tags } of context.logs.rows()) yield { arn: groupArn(context, name), tags };
}

/** The tags of log groups. */
export function groupTags(context: LogsContext): TagSource {
  return {
    resources: () => taggedGroups(context),
    async change(arn, { added, removed }) {
      const name = groupNameOfArn(arn);
      if (removed.length > 0) await removeTags(context, name, removed);
      if (Object.keys(added).length > 0) await addTags(context, name, added);
    },
  };
}
