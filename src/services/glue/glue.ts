import type { TagSource } from '../../aws/tagged-resources.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { type OperationTable, service, type Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import { register } from '../registration.ts';
import { glueAuthorization } from './actions.ts';
import api from './api.json' with { type: 'json' };
import { audit } from './audit.ts';
import { databaseDeclarer, glueDatabasesSection } from './declared.ts';
import type { GlueContext } from './context.ts';
import { glueLimits } from './limits.ts';
import { operations, reads } from './operations/index.ts';
import { tableSchemas } from './schemas.ts';
import { TableCatalog } from './table-catalog.ts';
import { databaseTags } from './tag-source.ts';
import type { TableSchemas } from './table-schemas.ts';
import unsupported from './unsupported.json' with { type: 'json' };

export interface GlueOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
}

export interface Glue {
  readonly service: Service;
  readonly schemas: TableSchemas;
  readonly declarer: Declarer;
  readonly tags: TagSource;
}

export const glue = register({
  name: 'glue',
  needs: [],
  offers: ['tableSchemas'],
  declares: [glueDatabasesSection],
  // Nothing of it is kept in memory.
  atStandby: {
    needs: [],
    offers: [],
    async open({ taggedResources, ...options }) {
      const context = contextOf(options);
      taggedResources.register('glue', databaseTags(context.catalog, context));
      return { service: serviceOf(context, reads) };
    },
  },
  open(context) {
    const opened = openGlue(context);
    context.taggedResources.register('glue', opened.tags);
    return { service: opened.service, offers: { tableSchemas: opened.schemas }, declarer: opened.declarer };
  },
});

/** Opens Glue's table catalog: databases, tables and their versions, as schemas for delivered data. */
export function openGlue(options: GlueOptions): Glue {
  const context = contextOf(options);
  const { catalog, accountId } = context;
  return {
    service: serviceOf(context, operations),
    schemas: tableSchemas(catalog, accountId),
    declarer: databaseDeclarer(catalog, accountId),
    tags: databaseTags(catalog, context),
  };
}

function contextOf({ engine, clock, region, accountId }: GlueOptions): GlueContext {
  return { catalog: new TableCatalog(engine, clock), clock, region, accountId };
}

function serviceOf(context: GlueContext, of: OperationTable<GlueContext, string>): Service {
  return service('glue', api, of, context, glueLimits.bodyBytesMax, {
    unsupported,
    audit,
    authorization: glueAuthorization(context),
  });
}
