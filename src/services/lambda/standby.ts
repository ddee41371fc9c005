import type { ServiceAtStandby, StandbyContext } from '../registration.ts';
import { ownUrlsOf } from './code/own-urls.ts';
import type { LambdaReads } from './context.ts';
import { functionsSection } from './declared/section.ts';
import { EventInvokeConfigs } from './events/event-invoke-config.ts';
import { lambdaService } from './lambda-service.ts';
import { LayerList } from './layers/layer-list.ts';
import { MappingList } from './mapping/mapping-list.ts';
import { reads } from './operations/reads.ts';
import { FunctionPolicies } from './policies/function-policies.ts';
import { StoredFunctions } from './stored-functions.ts';
import { taggedFunctions } from './tag-source.ts';

/** Nothing of it is kept in memory: each answer is from the rows as they are. */
export async function openAtStandby(context: StandbyContext): Promise<ServiceAtStandby> {
  const { engine, region, accountId, clock, targets, endpoint, resourcePolicies, taggedResources } = context;
  const { catalog } = engine;
  const place = { region, accountId };
  const policies = new FunctionPolicies(catalog);
  const functions = new StoredFunctions({
    catalog,
    policies,
    place,
    declared: context.declared(functionsSection),
  });
  const ownUrls = await ownUrlsOf(context);
  const lambda: LambdaReads = {
    functions,
    layers: new LayerList({ catalog, place }),
    mappings: new MappingList(catalog),
    policies,
    eventInvokeConfigs: new EventInvokeConfigs({ catalog, registry: functions, targets, clock }),
    endpoint,
    ownUrls,
  };
  resourcePolicies.register('lambda', policies);
  taggedResources.register('lambda', { resources: () => taggedFunctions(lambda) });
  return {
    service: lambdaService(reads, lambda),
    ...(ownUrls !== undefined && { accessKeys: ownUrls }),
  };
}
