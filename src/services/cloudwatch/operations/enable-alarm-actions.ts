import type { EnableAlarmActionsInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';

/** Enables the actions of alarms, from the next state change on. Unknown names are ignored, as on AWS. */
export async function enableAlarmActions(
  { alarms }: CloudWatchContext,
  input: Checked<EnableAlarmActionsInput>,
  _call: CallContext,
): Promise<void> {
  await alarms.update(input.AlarmNames, (alarm) => ({ ...alarm, actionsEnabled: true }));
}
