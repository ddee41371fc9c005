import type { TagResourceInput, TagResourceOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { taggedAlarm, withAlarmTags } from '../alarms/alarm-tags.ts';

/** Adds or overwrites tags of an alarm. */
export async function tagResource(
  { alarms }: CloudWatchContext,
  input: Checked<TagResourceInput>,
  _call: CallContext,
): Promise<TagResourceOutput> {
  await alarms.update([taggedAlarm(alarms, input.ResourceARN).name], (alarm) => ({
    ...alarm,
    tags: withAlarmTags(alarm.tags, input.Tags),
  }));
  return {};
}
