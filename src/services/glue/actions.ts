import { formatArn } from '../../aws/arn.ts';
import {
  type Authorization,
  type AuthorizationRule,
  creationOf,
  type Need,
  requestTags,
  tagKeys,
} from '../../protocol/authorization.ts';
import type api from './api.json';
import type { GlueContext } from './context.ts';
import { storedName } from './rows.ts';
import { taggedDatabase } from './tags.ts';

interface DatabaseInput {
  readonly DatabaseName: string;
}

interface TableInput extends DatabaseInput {
  readonly Name?: string;
  readonly TableName?: string;
  readonly TableInput?: { readonly Name: string };
  readonly TablesToDelete?: readonly string[];
}

interface NewDatabase {
  readonly DatabaseInput: { readonly Name: string };
  readonly Tags?: Tags;
}

interface TaggedInput {
  readonly ResourceArn: string;
}

type Tags = Readonly<Record<string, string>>;

/**
 * What the operations of the Glue Data Catalog need (service authorization reference, AWS Glue): an action on a table
 * must be allowed on its database and on the catalog too. ARNs have names as they are stored.
 */
export function glueAuthorization(context: GlueContext): Authorization {
  const catalog = formatArn('glue', context, 'catalog');
  const databaseArn = (name: string): string => formatArn('glue', context, `database/${storedName(name)}`);
  const onDatabase = (name: string): string[] => [catalog, databaseArn(name)];
  const onTables = (database: string, names: readonly string[]): string[] => [
    ...onDatabase(database),
    ...names.map((name) =>
      formatArn('glue', context, `table/${storedName(database)}/${name === '*' ? name : storedName(name)}`),
    ),
  ];
  const ofDatabase: AuthorizationRule = ({ Name }: { readonly Name: string }) => onDatabase(Name);
  const ofTable: AuthorizationRule = (input: TableInput) =>
    onTables(input.DatabaseName, input.TablesToDelete ?? [tableName(input)]);
  const tagged = ({ ResourceArn }: TaggedInput): string => databaseArn(taggedDatabase(ResourceArn));
  const rules = {
    BatchDeleteTable: ofTable,
    BatchDeleteTableVersion: ofTable,
    CreateDatabase: ({ DatabaseInput: { Name }, Tags: tags }: NewDatabase): Need[] => [
      { resource: catalog },
      ...creationOf(databaseArn(Name), requestTags(tags), 'glue:TagResource'),
    ],
    CreateTable: ofTable,
    DeleteDatabase: ({ Name }: { readonly Name: string }) => onTables(Name, ['*']),
    DeleteTable: ofTable,
    DeleteTableVersion: ofTable,
    GetDatabase: ofDatabase,
    GetDatabases: () => [catalog, formatArn('glue', context, 'database/*')],
    GetPartitionIndexes: ofTable,
    GetTable: ofTable,
    GetTableVersion: ofTable,
    GetTableVersions: ofTable,
    GetTables: ({ DatabaseName }: DatabaseInput) => onTables(DatabaseName, ['*']),
    GetTags: tagged,
    TagResource: (input: TaggedInput & { readonly TagsToAdd: Tags }) => ({
      resource: tagged(input),
      keys: requestTags(input.TagsToAdd),
    }),
    UntagResource: (input: TaggedInput & { readonly TagsToRemove: readonly string[] }) => ({
      resource: tagged(input),
      keys: tagKeys(input.TagsToRemove),
    }),
    UpdateDatabase: ({ Name, DatabaseInput }: NewDatabase & { readonly Name: string }) => [
      ...new Set([...onDatabase(Name), databaseArn(DatabaseInput.Name)]),
    ],
    UpdateTable: ofTable,
  } satisfies Record<keyof typeof api.operations, AuthorizationRule>;
  return { prefix: 'glue', rules, tagsOf: (resource) => tagsOf(context, resource) };
}

function tableName({ Name, TableName, TableInput }: TableInput): string {
  return TableName ?? TableInput?.Name ?? Name ?? '*';
}

function tagsOf({ catalog }: GlueContext, resource: string): Tags | undefined {
  const name = /:database\/(.+)$/s.exec(resource)?.[1];
  return [...catalog.databases()].find((row) => row.name === name)?.tags;
}
