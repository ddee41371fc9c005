import type { GetTableRequest, GetTableResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkCatalog, refuseOptions } from '../request.ts';
import { tableAttributes, tableOutput } from '../table-output.ts';

/** Describes the latest version of a table. Tables have no status: it is for views with several dialects. */
export function getTable(context: GlueContext, input: Checked<GetTableRequest>): GetTableResponse {
  const { CatalogId, DatabaseName, Name, TransactionId, QueryAsOfTime, AuditContext, AttributesToGet } =
    input;
  checkCatalog(context, CatalogId);
  refuseOptions({ TransactionId, QueryAsOfTime, AuditContext });
  if (AttributesToGet?.includes('LATEST_ICEBERG_METADATA')) refuseOptions({ LATEST_ICEBERG_METADATA: true });
  return {
    Table: tableAttributes(tableOutput(context, context.catalog.table(DatabaseName, Name)), AttributesToGet),
  };
}
