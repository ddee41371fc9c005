import type { CreateLogGroupRequest } from '@aws-sdk/client-cloudwatch-logs';
import type { Checked } from '../../../protocol/service.ts';
import type { LogsContext } from '../context.ts';
import { unsupportedOption } from '../errors.ts';
import { checkedTags } from '../tags.ts';

/** Creates a log group of the class STANDARD, whose events are kept until they exceed the group's bound. */
export async function createLogGroup(
  context: LogsContext,
  input: Checked<CreateLogGroupRequest>,
): Promise<void> {
  if (input.kmsKeyId !== undefined) throw unsupportedOption('kmsKeyId');
  if (input.deletionProtectionEnabled === true) throw unsupportedOption('deletionProtectionEnabled');
  if (input.logGroupClass !== undefined && input.logGroupClass !== 'STANDARD') {
    throw unsupportedOption(`the log group class ${input.logGroupClass}`);
  }
  const { logGroupName: name, tags = {} } = input;
  await context.logs.create(name, checkedTags(context, name, tags));
}
