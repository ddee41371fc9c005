import type { BatchDeleteTableRequest, BatchDeleteTableResponse, TableError } from '@aws-sdk/client-glue';
import { ServiceError } from '../../../errors.ts';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkCatalog, refuseOptions } from '../request.ts';

/** Deletes tables one by one; the response lists those that could not be deleted. */
export async function batchDeleteTable(
  context: GlueContext,
  { CatalogId, DatabaseName, TablesToDelete, TransactionId }: Checked<BatchDeleteTableRequest>,
): Promise<BatchDeleteTableResponse> {
  checkCatalog(context, CatalogId);
  refuseOptions({ TransactionId });
  context.catalog.database(DatabaseName);
  const errors: TableError[] = [];
  for (const name of TablesToDelete) {
    try {
      await context.catalog.deleteTable(DatabaseName, name);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({
        TableName: name,
        ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message },
      });
    }
  }
  return { Errors: errors };
}
