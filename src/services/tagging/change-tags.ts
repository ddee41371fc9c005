import type { TagChange } from '../../aws/tagged-resources.ts';
import { ServiceError } from '../../errors.ts';
import type { CallContext } from '../../protocol/service.ts';
import { changeNeed } from './actions.ts';
import type { FailedResources } from './api-types.ts';
import type { TaggingContext } from './context.ts';

/** Changes the tags of each resource; those that fail are in the answer, as on AWS. */
export async function changeTags(
  { tagged }: TaggingContext,
  arns: readonly string[],
  change: TagChange,
  call: CallContext,
): Promise<FailedResources> {
  const failed: FailedResources['FailedResourcesMap'] = {};
  for (const arn of new Set(arns)) {
    try {
      const refusal = await call.refusalOf(changeNeed(arn, change, call));
      if (refusal !== undefined) throw refusal;
      await tagged.change(arn, change);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const ErrorCode = error.status < 500 ? 'InvalidParameterException' : 'InternalServiceException';
      failed[arn] = { StatusCode: error.status, ErrorCode, ErrorMessage: error.message };
    }
  }
  return { FailedResourcesMap: failed };
}
