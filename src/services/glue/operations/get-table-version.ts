import type { GetTableVersionRequest, GetTableVersionResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkCatalog, refuseOptions } from '../request.ts';
import { tableOutput } from '../table-output.ts';

/** Describes a version of a table, by default the latest one. */
export async function getTableVersion(
  context: GlueContext,
  { CatalogId, DatabaseName, TableName, VersionId, AuditContext }: Checked<GetTableVersionRequest>,
): Promise<GetTableVersionResponse> {
  checkCatalog(context, CatalogId);
  refuseOptions({ AuditContext });
  const row = await context.catalog.version(context.catalog.table(DatabaseName, TableName), VersionId);
  return { TableVersion: { Table: tableOutput(context, row), VersionId: `${row.version}` } };
}
