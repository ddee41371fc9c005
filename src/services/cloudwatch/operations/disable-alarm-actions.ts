import type { DisableAlarmActionsInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';

/** Disables the actions of alarms, from the next state change on. Unknown names are ignored, as on AWS. */
export async function disableAlarmActions(
  { alarms }: CloudWatchContext,
  input: Checked<DisableAlarmActionsInput>,
  _call: CallContext,
): Promise<void> {
  await alarms.update(input.AlarmNames, (alarm) => ({ ...alarm, actionsEnabled: false }));
}
