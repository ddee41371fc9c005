import type { Concurrency, PutFunctionConcurrencyRequest } from '@aws-sdk/client-lambda';
import type { Checked } from '../../../protocol/service.ts';
import type { LambdaContext } from '../context.ts';
import { unqualified } from '../names.ts';

/**
 * Limits how often a function runs at once, all its versions together; 0 stops it. Unlike on AWS nothing is set aside:
 * the server runs at most 64 processes, and calls above the limit wait, unless it is 0.
 * https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html
 */
export async function putFunctionConcurrency(
  { functions, changes }: LambdaContext,
  input: Checked<PutFunctionConcurrencyRequest>,
): Promise<Concurrency> {
  const { name } = functions.resolveName(unqualified(input.FunctionName, functions.place));
  await changes.reserve(name, input.ReservedConcurrentExecutions);
  return { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions };
}
