import type { Database, DatabaseAttributes, PrincipalPermissions } from '@aws-sdk/client-glue';
import type { GlueContext } from './context.ts';
import type { DatabaseRow } from './rows.ts';

/** AWS's default permissions of a database. */
const EVERYBODY: PrincipalPermissions = {
  Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' },
  Permissions: ['ALL'],
};

/** A database as GetDatabase returns it. */
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

/** Keeps only the requested attributes; there is never a target database. */
export function databaseAttributes(
  database: Database,
  attributes: readonly DatabaseAttributes[] | undefined,
): Database {
  return attributes === undefined ? database : { Name: database.Name };
}
