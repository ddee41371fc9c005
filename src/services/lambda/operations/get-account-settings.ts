import type { GetAccountSettingsResponse } from '@aws-sdk/client-lambda';
import type { LambdaReads } from '../context.ts';
import { lambdaLimits } from '../limits.ts';

/**
 * Returns the limits of the account, which are AWS's defaults, and how much code and how many functions there are.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetAccountSettings.html
 */
export function getAccountSettings({ functions, layers }: LambdaReads): GetAccountSettingsResponse {
  const {
    codeStorageBytesMax,
    codeUnzippedBytesMax,
    codeZipBytesMax,
    accountConcurrency: concurrency,
  } = lambdaLimits;
  const reserved = [...functions.latest()].reduce((sum, one) => sum + (one.reservedConcurrency ?? 0), 0);
  return {
    AccountLimit: {
      TotalCodeSize: codeStorageBytesMax,
      CodeSizeUnzipped: codeUnzippedBytesMax,
      CodeSizeZipped: codeZipBytesMax,
      ConcurrentExecutions: concurrency,
      UnreservedConcurrentExecutions: concurrency - reserved,
    },
    AccountUsage: {
      TotalCodeSize: functions.codeBytes() + layers.codeBytes(),
      FunctionCount: functions.count,
    },
  };
}
