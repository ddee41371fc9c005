import type {
  GetRuntimeManagementConfigRequest,
  GetRuntimeManagementConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';

/**
 * Returns Auto: functions run on the interpreters of the machine as they are.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetRuntimeManagementConfig.html
 */
export function getRuntimeManagementConfig(
  { functions }: LambdaReads,
  input: Checked<GetRuntimeManagementConfigRequest>,
): GetRuntimeManagementConfigResponse {
  const { found } = functions.resolve(input.FunctionName, input.Qualifier);
  const { name, version } = found.definition;
  return { UpdateRuntimeOn: 'Auto', FunctionArn: `${functions.arn(name)}:${version}` };
}
