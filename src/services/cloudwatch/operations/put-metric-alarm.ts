import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { parseAlarm } from '../alarms/alarm-input.ts';
import type { CloudWatchContext } from '../context.ts';

/**
 * Creates an alarm, or replaces everything of one but its state and its tags. One metric and one statistic of it;
 * metric math, PromQL, anomaly detection and percentiles are refused by name, and so are actions other than SNS
 * topics and Lambda functions. As on AWS, nobody looks whether these exist.
 */
export async function putMetricAlarm(
  { alarms }: CloudWatchContext,
  input: Checked<PutMetricAlarmInput>,
  call: CallContext,
): Promise<void> {
  await alarms.put(parseAlarm(input, call.region, call.accountId));
}
