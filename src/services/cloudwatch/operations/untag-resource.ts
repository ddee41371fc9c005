import type { UntagResourceInput, UntagResourceOutput } from '@aws-sdk/client-cloudwatch';
import { withoutTags } from '../../../aws/tags.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { taggedAlarm } from '../alarms/alarm-tags.ts';

/** Removes tags from an alarm. Keys that it does not have are ignored. */
export async function untagResource(
  { alarms }: CloudWatchContext,
  input: Checked<UntagResourceInput>,
  _call: CallContext,
): Promise<UntagResourceOutput> {
  await alarms.update([taggedAlarm(alarms, input.ResourceARN).name], (alarm) => ({
    ...alarm,
    tags: withoutTags(alarm.tags, input.TagKeys),
  }));
  return {};
}
