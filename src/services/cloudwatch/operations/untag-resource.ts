import type { UntagResourceInput, UntagResourceOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { taggedAlarm } from '../alarms/tagged-alarm.ts';

/** Takes tags from an alarm; those that it has not are passed over. */
export async function untagResource(
  { alarms }: CloudWatchContext,
  input: Checked<UntagResourceInput>,
  _call: CallContext,
): Promise<UntagResourceOutput> {
  await alarms.update([taggedAlarm(alarms, input.ResourceARN).name], (alarm) => ({
    ...alarm,
    tags: Object.fromEntries(Object.entries(alarm.tags).filter(([key]) => !input.TagKeys.includes(key))),
  }));
  return {};
}
