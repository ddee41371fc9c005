import type { GetDatabaseRequest, GetDatabaseResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { databaseOutput } from '../database-output.ts';
import { checkCatalog } from '../request.ts';

/** Describes a database. */
export function getDatabase(
  context: GlueContext,
  { CatalogId, Name }: Checked<GetDatabaseRequest>,
): GetDatabaseResponse {
  checkCatalog(context, CatalogId);
  return { Database: databaseOutput(context, context.catalog.database(Name)) };
}
