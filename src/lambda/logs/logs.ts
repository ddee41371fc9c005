import { limits } from '../../limits.ts';
import { service, type Service } from '../../protocol/service.ts';
import absent from './absent.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import type { LogsContext } from './context.ts';
import { operations } from './operations/index.ts';

/** As much of CloudWatch Logs as shows what functions print: `aws logs tail /aws/lambda/<function>`. */
export function logsService(context: LogsContext): Service {
  return service('logs', api, operations, context, limits.logRequestBytesMax, { absent });
}
