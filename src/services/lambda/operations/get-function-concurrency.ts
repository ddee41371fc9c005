import type { GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaReads } from '../context.ts';

/**
 * Returns the reserved concurrency of a function, if it has one.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html
 */
export function getFunctionConcurrency(
  { functions }: LambdaReads,
  input: Checked<GetFunctionConcurrencyRequest>,
): GetFunctionConcurrencyResponse {
  const { reservedConcurrency } = functions.resolveName(input.FunctionName).definition;
  return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
}
