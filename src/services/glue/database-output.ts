import type { Database, DatabaseAttributes, PrincipalPermissions } from '@aws-sdk/client-glue';
import type { GlueContext } from './context.ts';
import type { DatabaseRow } from './rows.ts';

/** What AWS gives a database that says nothing of permissions. */
const EVERYBODY: PrincipalPermissions = {
  Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' },
  Permissions: ['ALL'],
};

/** A database as GetDatabase answers it. */
export function databaseOutput(
  { accountId }: GlueContext,
  { name, input, createdMs }: DatabaseRow,
): Database {
  return {
    ...input,
    Name: name,
    CreateTime: new Date(createdMs),
    CreateTableDefaultPermissions: input.CreateTableDefaultPermissions ?? [EVERYBODY],
    CatalogId: accountId,
  };
}

/** Only the attributes asked for; a target database is never there. */
export function databaseAttributes(
  database: Database,
  attributes: readonly DatabaseAttributes[] | undefined,
): Database {
  return attributes === undefined ? database : { Name: database.Name };
}
