import type { GetPartitionIndexesRequest, GetPartitionIndexesResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { checkCatalog } from '../request.ts';

/** Returns an empty list: tables have no partition indexes. Terraform calls it whenever it reads a table. */
export function getPartitionIndexes(
  context: GlueContext,
  { CatalogId, DatabaseName, TableName, NextToken }: Checked<GetPartitionIndexesRequest>,
): GetPartitionIndexesResponse {
  checkCatalog(context, CatalogId);
  context.catalog.table(DatabaseName, TableName);
  if (NextToken !== undefined) throw invalidInput('Invalid pagination token.');
  return { PartitionIndexDescriptorList: [] };
}
