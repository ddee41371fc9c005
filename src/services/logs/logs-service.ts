import { type OperationTable, type Service, service } from '../../protocol/service.ts';
import { logsAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import type { LogsReads } from './context.ts';
import { logsLimits } from './limits.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/** The same for the owner and for standbys, which have only operations that read. */
export function serviceOf<Context extends LogsReads>(
  of: OperationTable<Context, string>,
  context: Context,
): Service {
  return service('logs', api, of, context, logsLimits.requestBytesMax, {
    unsupported,
    audit,
    authorization: logsAuthorization(context, (name) => context.logs.row(name)?.tags),
    errorCodes: { validation: 'InvalidParameterException' },
  });
}
