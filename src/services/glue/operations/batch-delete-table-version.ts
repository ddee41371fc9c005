import type {
  BatchDeleteTableVersionRequest,
  BatchDeleteTableVersionResponse,
  TableVersionError,
} from '@aws-sdk/client-glue';
import { ServiceError } from '../../../errors.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkCatalog } from '../request.ts';

/** Deletes earlier versions of a table one by one; the response lists those that could not be deleted. */
export async function batchDeleteTableVersion(
  context: GlueContext,
  { CatalogId, DatabaseName, TableName, VersionIds }: Checked<BatchDeleteTableVersionRequest>,
): Promise<BatchDeleteTableVersionResponse> {
  checkCatalog(context, CatalogId);
  context.catalog.table(DatabaseName, TableName);
  const errors: TableVersionError[] = [];
  for (const versionId of VersionIds) {
    try {
      await context.catalog.deleteVersion(DatabaseName, TableName, versionId);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({
        TableName,
        VersionId: versionId,
        ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message },
      });
    }
  }
  return { Errors: errors };
}
