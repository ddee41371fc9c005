import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { taggedAlarm } from '../alarms/tagged-alarm.ts';

/** The tags of an alarm. */
export function listTagsForResource(
  { alarms }: CloudWatchContext,
  input: Checked<ListTagsForResourceInput>,
  _call: CallContext,
): ListTagsForResourceOutput {
  const { tags } = taggedAlarm(alarms, input.ResourceARN);
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}
