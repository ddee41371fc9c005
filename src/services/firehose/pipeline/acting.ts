import type { Acting, Actor } from '../../../auth/authorization/acting.ts';
import { formatArn, parseArn } from '../../../aws/arn.ts';
import type { StreamSource } from '../../../consumers/source.ts';
import type { TableTarget } from '../../../delivery/iceberg/tables.ts';
import {
  type Ask,
  permittedFunctions,
  permittedStore,
  permittedStreams,
  permittedTables,
} from '../../../delivery/permitted.ts';
import type { TableReference, TableSchemas } from '../../glue/table-schemas.ts';
import type { DeliveryStreamRow } from '../rows.ts';
import type { RouteParts, RouteStream } from './route-parts.ts';

/** What reading the schema of a table needs. */
export const SCHEMA_ACTION = 'glue:GetTableVersions';

const SERVICE = 'firehose.amazonaws.com';

/** Firehose, with a role of a delivery stream. */
export function firehoseActor(arn: string, role: string, isUnlimited = false): Actor {
  const { accountId = '', resource = '' } = parseArn(arn) ?? {};
  const session = resource.slice(resource.indexOf('/') + 1);
  return { service: SERVICE, sourceArn: arn, session, externalId: accountId, role, isUnlimited };
}

/** Whether the role stands for none in that version of the destination: `nagare.yaml` declares it. */
function isWithoutRole({ row }: RouteStream, role: string, version: number): boolean {
  const found: Pick<DeliveryStreamRow, 'withoutRole'> | undefined =
    version === row.version ? row : row.earlier?.find((one) => one.version === version);
  // Only nagare.yaml declares destinations that know no roles, such as databases.
  return role === '' || found?.withoutRole === role;
}

/** The dependencies of a route, as a role of the delivery stream may use them. */
export interface PermittedParts {
  store(role: string): RouteParts['store'];
  functions(role: string): RouteParts['functions'];
  schemas(role: string): TableSchemas;
  tables(role: string): RouteParts['tables'];
}

/** With `--auth off` the dependencies themselves. The role is looked up for each action: it may change meanwhile. */
export function permittedParts(parts: RouteParts, stream: RouteStream, version: number): PermittedParts {
  const { acting, store, functions, schemas, tables } = parts;
  if (!acting.isLimited) {
    return { store: () => store, functions: () => functions, schemas: () => schemas, tables: () => tables };
  }
  const ask =
    (role: string): Ask =>
    (action, resource) =>
      acting.demand(firehoseActor(stream.arn, role, isWithoutRole(stream, role, version)), {
        action,
        resource,
      });
  return {
    store: (role) => permittedStore(store, ask(role)),
    functions: (role) => permittedFunctions(functions, ask(role)),
    schemas: (role) => permittedSchemas(schemas, stream.arn, ask(role)),
    tables: (role) => permittedTables(tables, (target) => tableNeeds(stream.arn, target), ask(role)),
  };
}

/** The Kinesis streams, as the role of the source may read them. */
export function permittedSource(
  streams: StreamSource,
  stream: RouteStream,
  acting: Acting,
  onAsked: (refusal: string | undefined) => void,
): StreamSource {
  const { source } = stream.row;
  if (source.type !== 'KinesisStreamAsSource' || !acting.isLimited) return streams;
  // Read each time: `nagare apply` may declare a delivery stream that was made with a role.
  const actor = (): Actor => {
    const now = stream.row.source;
    const isUnlimited = now.type === 'KinesisStreamAsSource' && now.isUnlimited === true;
    return firehoseActor(stream.arn, source.roleArn, isUnlimited);
  };
  const ask: Ask = (action, resource) => acting.demand(actor(), { action, resource });
  return permittedStreams(streams, source.streamArn, ask, onAsked);
}

function permittedSchemas(schemas: TableSchemas, streamArn: string, ask: Ask): TableSchemas {
  return {
    async find(table) {
      for (const resource of tableResources(streamArn, table)) await ask(SCHEMA_ACTION, resource);
      return await schemas.find(table);
    },
  };
}

function tableNeeds(streamArn: string, { name }: TableTarget) {
  const resources = tableResources(streamArn, { databaseName: name.database, tableName: name.table });
  return resources.flatMap((resource) => [
    ['glue:GetTable', resource] as const,
    ['glue:UpdateTable', resource] as const,
  ]);
}

/** As on AWS, an action on a table must be allowed on its database and on the catalog too. */
export function tableResources(
  streamArn: string,
  { databaseName, tableName }: Pick<TableReference, 'databaseName' | 'tableName'>,
): string[] {
  const { region = '', accountId = '' } = parseArn(streamArn) ?? {};
  const [database, table] = [databaseName.toLowerCase(), tableName.toLowerCase()];
  const parts = ['catalog', `database/${database}`, `table/${database}/${table}`];
  return parts.map((part) => formatArn('glue', { region, accountId }, part));
}
