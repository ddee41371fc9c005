import type { Acting, Actor } from '../../../auth/authorization/acting.ts';
import type { TableTarget } from '../../../delivery/iceberg/tables.ts';
import { type Ask, permittedStore, permittedTables } from '../../../delivery/permitted.ts';
import type { RouteParts } from './channel-route.ts';

/** Kinesis, with the role of a channel. It needs none to read its own stream. */
export function channelActor(channelArn: string, role: string): Actor {
  return { service: 'kinesis.amazonaws.com', sourceArn: channelArn, role };
}

/** The dependencies of a channel's route, as its role may use them; with `--auth off` the dependencies themselves. */
export function permittedParts(parts: RouteParts, acting: Acting, actor: () => Actor): RouteParts {
  if (!acting.isLimited) return parts;
  const { deliveries, tables } = parts;
  const ask: Ask = (action, resource) => acting.demand(actor(), { action, resource });
  const { store, metrics } = deliveries;
  return {
    ...parts,
    deliveries: { store: permittedStore(store, ask), metrics },
    tables: permittedTables(tables, tableNeeds, ask),
  };
}

/** AWS's ARNs of tables have ids, which the catalogs of nagare.yaml do not. */
function tableNeeds({ catalogArn, name: { database, table } }: TableTarget) {
  const resource = `${catalogArn}/table/${database}.${table}`;
  return [
    ['s3tables:GetTableMetadataLocation', resource],
    ['s3tables:PutTableData', resource],
    ['s3tables:UpdateTableMetadataLocation', resource],
  ] as const;
}
