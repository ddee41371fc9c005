import type { DisableAlarmActionsInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';

/** Lets alarms change their states without acting, from the next change on. Names that are no alarm's are passed over, as on AWS. */
export async function disableAlarmActions(
  { alarms }: CloudWatchContext,
  input: Checked<DisableAlarmActionsInput>,
  _call: CallContext,
): Promise<void> {
  await alarms.update(input.AlarmNames, (alarm) => ({ ...alarm, actionsEnabled: false }));
}
