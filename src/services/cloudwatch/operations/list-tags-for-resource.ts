import type { ListTagsForResourceInput, ListTagsForResourceOutput } from '@aws-sdk/client-cloudwatch';
import { tagList } from '../../../aws/tags.ts';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { alarmNameOf } from '../alarms/alarm-tags.ts';

/** Lists the tags of an alarm. An alarm that does not exist has none, as on AWS. */
export function listTagsForResource(
  { alarms }: CloudWatchContext,
  input: Checked<ListTagsForResourceInput>,
  _call: CallContext,
): ListTagsForResourceOutput {
  return { Tags: tagList(alarms.get(alarmNameOf(input.ResourceARN))?.tags ?? {}) };
}
