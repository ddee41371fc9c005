import type {
  GetFunctionCodeSigningConfigRequest,
  GetFunctionCodeSigningConfigResponse,
} from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';

/**
 * No function has a code signing configuration: the answer names none, as on AWS for such a function.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionCodeSigningConfig.html
 */
export function getFunctionCodeSigningConfig(
  { functions }: LambdaReads,
  input: Checked<GetFunctionCodeSigningConfigRequest>,
): Partial<GetFunctionCodeSigningConfigResponse> {
  return { FunctionName: functions.resolve(input.FunctionName).found.definition.name };
}
