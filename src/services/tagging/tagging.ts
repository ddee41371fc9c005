import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import { register } from '../registration.ts';
import { taggingAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import type { TaggingContext } from './context.ts';
import { taggingLimits } from './limits.ts';
import { operations, reads } from './operations/index.ts';
import unsupported from './unsupported.json' with { type: 'json' };

/** The Resource Groups Tagging API: the tags of all services' resources, as they have registered themselves. */
export const tagging = register({
  name: 'tagging',
  needs: [],
  offers: [],
  atStandby: {
    needs: [],
    offers: [],
    open: async ({ taggedResources: tagged }) => ({ service: serviceOf({ tagged }, reads) }),
  },
  open({ taggedResources: tagged }) {
    return { service: serviceOf({ tagged }, operations) };
  },
});

function serviceOf(context: TaggingContext, of: OperationTable<TaggingContext, string>): Service {
  return service('tagging', api, of, context, taggingLimits.requestBytesMax, {
    unsupported,
    authorization: taggingAuthorization,
    // No operation concerns data.
    audit: { dataEvents: [], hidden: [] },
    errorCodes: { validation: 'InvalidParameterException' },
  });
}
