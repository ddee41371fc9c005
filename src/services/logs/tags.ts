import { awsLimits } from '../../aws/limits.ts';
import { plainTagRules, type TagRules, type Tags, withoutTags, withTags } from '../../aws/tags.ts';
import type { LogsContext, LogsReads } from './context.ts';
import { groupNotFound, invalidParameter, tooManyTags } from './errors.ts';
import { groupArn } from './request.ts';

function rulesFor(arn: string): TagRules {
  return plainTagRules(awsLimits.tagsMax, invalidParameter, () => tooManyTags(arn));
}

/** Throws InvalidParameterException, TooManyTagsException. */
export function checkedTags(context: LogsContext, groupName: string, tags: Tags): Tags {
  return withTags({}, tags, rulesFor(groupArn(context, groupName)));
}

/** Throws ResourceNotFoundException, InvalidParameterException, TooManyTagsException. */
export async function addTags(context: LogsContext, groupName: string, added: Tags): Promise<void> {
  const rules = rulesFor(groupArn(context, groupName));
  await context.logs.update(groupName, (row) => ({ ...row, tags: withTags(row.tags, added, rules) }));
}

/** Throws ResourceNotFoundException. */
export async function removeTags(
  { logs }: LogsContext,
  groupName: string,
  keys: readonly string[],
): Promise<void> {
  await logs.update(groupName, (row) => ({ ...row, tags: withoutTags(row.tags, keys) }));
}

/** Throws ResourceNotFoundException. */
export async function tagsOfGroup({ logs }: LogsReads, groupName: string): Promise<Tags> {
  await logs.settled(groupName);
  const row = logs.row(groupName);
  if (row === undefined) throw groupNotFound();
  return row.tags;
}
