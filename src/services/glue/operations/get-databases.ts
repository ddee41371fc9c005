import type { GetDatabasesRequest, GetDatabasesResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { databaseAttributes, databaseOutput } from '../database-output.ts';
import { glueLimits } from '../limits.ts';
import { checkCatalog, pageOf } from '../request.ts';

/** Lists all databases by name. Databases of other accounts (`FOREIGN`, `FEDERATED`) do not exist. */
export function getDatabases(
  context: GlueContext,
  input: Checked<GetDatabasesRequest>,
): GetDatabasesResponse {
  const { CatalogId, MaxResults = glueLimits.pageItemsMax, NextToken, ResourceShareType = 'ALL' } = input;
  checkCatalog(context, CatalogId);
  const databases = ResourceShareType === 'ALL' ? [...context.catalog.databases()] : [];
  const page = pageOf('databases', databases, MaxResults, NextToken);
  return {
    DatabaseList: page.items.map((row) =>
      databaseAttributes(databaseOutput(context, row), input.AttributesToGet),
    ),
    NextToken: page.nextToken,
  };
}
