import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { CallContext, Checked } from '../../../protocol/service.ts';
import { parseAlarm } from '../alarms/alarm-input.ts';
import type { CloudWatchContext } from '../context.ts';

/**
 * Creates an alarm, or replaces everything but its state and its tags. An alarm has one metric and one statistic, which
 * may be a percentile or another extended statistic; metric math, PromQL and anomaly detection are refused by name, and
 * so are actions other than SNS topics and Lambda functions. As on AWS, their existence is not checked.
 */
export async function putMetricAlarm(
  { alarms }: CloudWatchContext,
  input: Checked<PutMetricAlarmInput>,
  call: CallContext,
): Promise<void> {
  await alarms.put(parseAlarm(input, call.region, call.accountId));
}
