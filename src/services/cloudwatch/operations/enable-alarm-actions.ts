import type { EnableAlarmActionsInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';

/** Lets alarms act again, from the next change on. Names that are no alarm's are passed over, as on AWS. */
export async function enableAlarmActions(
  { alarms }: CloudWatchContext,
  input: Checked<EnableAlarmActionsInput>,
  _call: CallContext,
): Promise<void> {
  await alarms.update(input.AlarmNames, (alarm) => ({ ...alarm, actionsEnabled: true }));
}
