import type { RegionAndAccount } from '../../aws/arn.ts';
import { type OperationTable, type Service, service } from '../../protocol/service.ts';
import { cloudWatchAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import type { CloudWatchReads } from './context.ts';
import { cloudWatchLimits } from './limits.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/** The same for the owner and for standbys, which have only operations that read. */
export function serviceOf<Context extends CloudWatchReads>(
  place: RegionAndAccount,
  of: OperationTable<Context, string>,
  context: Context,
): Service {
  return service('monitoring', api, of, context, cloudWatchLimits.bodyBytesMax, {
    unsupported,
    audit,
    authorization: cloudWatchAuthorization(place, context),
  });
}
