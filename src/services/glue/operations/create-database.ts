import type { CreateDatabaseRequest, CreateDatabaseResponse } from '@aws-sdk/client-glue';
import type { Checked } from '../../../protocol/service.ts';
import type { GlueContext } from '../context.ts';
import { checkDatabaseInput } from '../database-input.ts';
import { checkCatalog } from '../request.ts';
import { storedName } from '../rows.ts';
import { withGlueTags } from '../tags.ts';

/**
 * Creates a database. Permissions for its tables are stored and returned; links to other databases are refused by name.
 */
export async function createDatabase(
  context: GlueContext,
  { CatalogId, DatabaseInput: input, Tags = {} }: Checked<CreateDatabaseRequest>,
): Promise<CreateDatabaseResponse> {
  checkCatalog(context, CatalogId);
  checkDatabaseInput(input);
  await context.catalog.createDatabase({ name: storedName(input.Name), input, tags: withGlueTags({}, Tags) });
  return {};
}
