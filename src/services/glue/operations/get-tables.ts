import type { GetTablesRequest, GetTablesResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { glueLimits } from '../limits.ts';
import { namePattern } from '../name-pattern.ts';
import { checkCatalog, pageOf, refuseOptions } from '../request.ts';
import { tableAttributes, tableOutput } from '../table-output.ts';

/**
 * Lists the tables of a database by name. Of AWS's regular expressions, Expression supports names, `*` and `.*` for any
 * characters, and `|`.
 */
export function getTables(context: GlueContext, input: Checked<GetTablesRequest>): GetTablesResponse {
  const { CatalogId, DatabaseName, Expression, MaxResults = glueLimits.pageItemsMax, NextToken } = input;
  const { TransactionId, QueryAsOfTime, AuditContext, AttributesToGet, ResourceShareType = 'ALL' } = input;
  checkCatalog(context, CatalogId);
  refuseOptions({ TransactionId, QueryAsOfTime, AuditContext });
  if (AttributesToGet?.includes('LATEST_ICEBERG_METADATA')) refuseOptions({ LATEST_ICEBERG_METADATA: true });
  const { name: database } = context.catalog.database(DatabaseName);
  const isWanted = Expression === undefined ? () => true : namePattern(Expression);
  const tables = ResourceShareType === 'ALL' ? [...context.catalog.tables(database)] : [];
  const wanted = tables.filter(({ name }) => isWanted(name));
  const page = pageOf(`tables ${database}`, wanted, MaxResults, NextToken);
  return {
    TableList: page.items.map((row) => tableAttributes(tableOutput(context, row), AttributesToGet)),
    NextToken: page.nextToken,
  };
}
