import type { Engine } from '../../engine/engine.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { service, type Service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import { register } from '../registration.ts';
import api from './api.json' with { type: 'json' };
import { databaseDeclarer, glueDatabasesSection } from './declared.ts';
import { glueLimits } from './limits.ts';
import { operations } from './operations/index.ts';
import { tableSchemas } from './schemas.ts';
import { TableCatalog } from './table-catalog.ts';
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
}

export const glue = register({
  name: 'glue',
  needs: [],
  offers: ['tableSchemas'],
  declares: [glueDatabasesSection],
  open(context) {
    const opened = openGlue(context);
    return { service: opened.service, offers: { tableSchemas: opened.schemas }, declarer: opened.declarer };
  },
});

/** Opens Glue's table catalog: databases, tables and their versions, as schemas for delivered data. */
export function openGlue({ engine, clock, region, accountId }: GlueOptions): Glue {
  const catalog = new TableCatalog(engine, clock);
  const context = { catalog, clock, region, accountId };
  return {
    service: service('glue', api, operations, context, glueLimits.bodyBytesMax, { unsupported }),
    schemas: tableSchemas(catalog, accountId),
    declarer: databaseDeclarer(catalog),
  };
}
