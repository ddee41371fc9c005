import type { SetAlarmStateInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import type { CloudWatchContext } from '../context.ts';
import { invalidFormat } from '../errors.ts';

/** Sets an alarm's state until its next evaluation; a changed state executes its actions. */
export async function setAlarmState(
  { alarms, traces }: CloudWatchContext,
  input: Checked<SetAlarmStateInput>,
  { http }: CallContext,
): Promise<void> {
  const { StateReasonData: reasonData } = input;
  if (reasonData !== undefined && reasonData !== '' && !isJson(reasonData)) {
    throw invalidFormat('StateReasonData must be in JSON format.');
  }
  const state = {
    value: input.StateValue,
    reason: input.StateReason,
    ...(reasonData === undefined ? {} : { reasonData }),
  };
  await alarms.setState(input.AlarmName, state, traces.of(http));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
