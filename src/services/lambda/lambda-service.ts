import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import { lambdaAuthorization } from './actions.ts';
import awsApi from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import type { LambdaReads } from './context.ts';
import { lambdaLimits } from './limits.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/**
 * The API model without the enum of runtimes: CreateFunction has its own messages for unknown runtimes; see
 * checkRuntime.
 */
const api = { ...awsApi, shapes: { ...awsApi.shapes, Runtime: { type: 'string' } } } as const;

/** Lambda's API with these operations. */
export function lambdaService<Context extends LambdaReads>(
  operations: OperationTable<Context, string>,
  context: Context,
): Service {
  return service('lambda', api, operations, context, lambdaLimits.requestBytesMax, {
    unsupported,
    audit,
    authorization: lambdaAuthorization(context),
  });
}
