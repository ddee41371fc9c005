import type { DeleteTableVersionRequest, DeleteTableVersionResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkCatalog } from '../request.ts';

/** Deletes an earlier version of a table; the latest one is refused. */
export async function deleteTableVersion(
  context: GlueContext,
  { CatalogId, DatabaseName, TableName, VersionId }: Checked<DeleteTableVersionRequest>,
): Promise<DeleteTableVersionResponse> {
  checkCatalog(context, CatalogId);
  await context.catalog.deleteVersion(DatabaseName, TableName, VersionId);
  return {};
}
