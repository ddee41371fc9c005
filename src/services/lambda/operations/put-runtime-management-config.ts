import type {
  PutRuntimeManagementConfigRequest,
  PutRuntimeManagementConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { unsupportedOption } from '../errors.ts';
import { getRuntimeManagementConfig } from './get-runtime-management-config.ts';

/**
 * Accepts Auto; Manual and FunctionUpdate are refused: the machine's interpreters have one version each.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html
 */
export function putRuntimeManagementConfig(
  context: LambdaContext,
  input: Checked<PutRuntimeManagementConfigRequest>,
): PutRuntimeManagementConfigResponse {
  if (input.UpdateRuntimeOn !== 'Auto') throw unsupportedOption(`UpdateRuntimeOn ${input.UpdateRuntimeOn}`);
  if (input.RuntimeVersionArn !== undefined) throw unsupportedOption('RuntimeVersionArn');
  const { FunctionArn: arn = '' } = getRuntimeManagementConfig(context, input);
  return { UpdateRuntimeOn: 'Auto', FunctionArn: arn };
}
