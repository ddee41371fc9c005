import type { DeleteAlarmsInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';

/** Deletes alarms, all or none: ResourceNotFound when one of them does not exist. Their history stays. */
export async function deleteAlarms(
  { alarms }: CloudWatchContext,
  input: Checked<DeleteAlarmsInput>,
  _call: CallContext,
): Promise<void> {
  await alarms.delete(input.AlarmNames);
}
