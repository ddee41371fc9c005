import type { TagResourceInput, TagResourceOutput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { validationError } from '../errors.ts';
import { taggedAlarm } from '../alarms/tagged-alarm.ts';

const TAGS_MAX = 50;

/** Adds tags to an alarm, or changes them. */
export async function tagResource(
  { alarms }: CloudWatchContext,
  input: Checked<TagResourceInput>,
  _call: CallContext,
): Promise<TagResourceOutput> {
  const added = Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value]));
  await alarms.update([taggedAlarm(alarms, input.ResourceARN).name], (alarm) => {
    const tags = { ...alarm.tags, ...added };
    if (Object.keys(tags).length > TAGS_MAX) throw validationError(`An alarm has at most ${TAGS_MAX} tags.`);
    return { ...alarm, tags };
  });
  return {};
}
