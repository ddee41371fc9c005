import type { Column, CreateDatabaseRequest, DatabaseInput, StorageDescriptor } from '@aws-sdk/client-glue';
import { section } from '../../config/declarations.ts';
import {
  described,
  entries,
  fields,
  namesTo,
  optional,
  reader,
  required,
  text,
  type YamlReader,
  type ValueOf,
  withDefault,
} from '../../config/yaml-reader.ts';
import { differences, type Declarer, type Resource, type PlanStep } from '../../declarations/plan.ts';
import { compileValidator } from '../../protocol/validation.ts';
import type { Checked } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import { describeDatabases } from './description.ts';
import { invalidInput } from './errors.ts';
import { type DatabaseRow, storedName, type TableRow } from './rows.ts';
import type { TableCatalog } from './table-catalog.ts';
import { checkTableInput } from './table-input.ts';

/** Column names with their types, in the order of the table. */
const columns: YamlReader<readonly Checked<Column>[]> = reader(
  { type: 'object', additionalProperties: { type: 'string' } },
  (node, place) =>
    entries(node, place)?.flatMap(([Name, value, at]) => {
      const Type = text('a type such as bigint or array<string>')(value, at);
      return Type === undefined ? [] : [{ Name, Type }];
    }),
);

const table = fields({
  columns: required(described('Names and Hive types of the columns, in order', columns)),
  partitionKeys: optional(described('Names and types of the partition keys', columns)),
  description: optional(described('Shown with the table', text())),
  location: optional(described('Where the objects are, as s3://bucket/prefix/', text())),
  parameters: optional(described('Shown with the table', namesTo(text()))),
});

const database = fields({
  description: optional(described('Shown with the database', text())),
  tables: withDefault(described('Tables by name', namesTo(table)), {}),
});

export const glueDatabasesSection = section('glueDatabases', database);

type DeclaredTable = ValueOf<typeof table>;
type DeclaredDatabase = ValueOf<typeof database>;

const databaseViolations = compileValidator(api, 'CreateDatabaseRequest');
const tableViolations = compileValidator(api, 'CreateTableRequest');

const leave: PlanStep = { action: 'leave', apply: () => Promise.resolve() };

/** Declares the databases of `nagare.yaml` with their tables; a changed declaration of a table makes a new version. */
export function databaseDeclarer(catalog: TableCatalog, accountId: string): Declarer {
  return {
    plan: (declarations) =>
      declarations.entries(glueDatabasesSection).flatMap(({ name, path, value }) => [
        { resource: ['glueDatabases', name], path, check: () => planDatabase(catalog, name, value) },
        ...Object.entries(value.tables).map(([tableName, declared]) => ({
          resource: ['glueDatabases', name, 'tables', tableName],
          path: `${path}.tables.${tableName}`,
          check: () => planTable(catalog, name, tableName, declared),
        })),
      ]),
    describe: () => describeDatabases(catalog, accountId),
    find: (resource) => find(catalog, resource),
  };
}

function planDatabase(catalog: TableCatalog, name: string, { description }: DeclaredDatabase): PlanStep {
  const input: Checked<DatabaseInput> = {
    Name: name,
    ...(description !== undefined && { Description: description }),
  };
  const request: Checked<CreateDatabaseRequest> = { DatabaseInput: input };
  const violations = databaseViolations(request);
  if (violations !== undefined) throw invalidInput(violations);
  const present = catalog.findDatabase(name);
  if (present === undefined) {
    return {
      action: 'create',
      apply: () => catalog.createDatabase({ name: storedName(name), input, tags: {} }),
    };
  }
  const details = differences({ description: [present.input.Description, description] });
  if (details === '') return leave;
  return {
    action: 'change',
    details,
    apply: () => catalog.updateDatabase(name, (row) => withDescription(row, description)),
  };
}

function withDescription(row: DatabaseRow, description: string | undefined): DatabaseRow {
  const { Description: _, ...input } = row.input;
  return { ...row, input: { ...input, ...(description !== undefined && { Description: description }) } };
}

function planTable(
  catalog: TableCatalog,
  databaseName: string,
  name: string,
  declared: DeclaredTable,
): PlanStep {
  const present = catalog.findTable(databaseName, name);
  const input = tableInput(name, declared, present);
  const violations = tableViolations({ DatabaseName: databaseName, TableInput: input });
  if (violations !== undefined) throw invalidInput(violations);
  checkTableInput(input);
  if (present === undefined) {
    return { action: 'create', apply: () => catalog.createTable(databaseName, input) };
  }
  const before = present.input;
  const details = differences({
    columns: [before.StorageDescriptor?.Columns, input.StorageDescriptor?.Columns],
    partitionKeys: [before.PartitionKeys, input.PartitionKeys],
    description: [before.Description, input.Description],
    location: [before.StorageDescriptor?.Location, input.StorageDescriptor?.Location],
    parameters: [before.Parameters, input.Parameters],
  });
  if (details === '') return leave;
  return {
    action: 'change',
    details,
    apply: () => catalog.updateTable(databaseName, input, { skipArchive: false }),
  };
}

/** Undeclared options stay as they are. */
function tableInput(name: string, declared: DeclaredTable, present: TableRow | undefined) {
  const { columns: Columns, partitionKeys, description, location, parameters } = declared;
  const before = present?.input;
  const storage: Checked<StorageDescriptor> = {
    ...before?.StorageDescriptor,
    Columns: [...Columns],
    ...(location !== undefined && { Location: location }),
  };
  return {
    ...before,
    Name: name,
    StorageDescriptor: storage,
    ...(partitionKeys !== undefined && { PartitionKeys: [...partitionKeys] }),
    ...(description !== undefined && { Description: description }),
    ...(parameters !== undefined && { Parameters: parameters }),
  };
}

function find(catalog: TableCatalog, [, databaseName = '', part, tableName = '']: Resource) {
  if (part === 'tables') {
    if (catalog.findTable(databaseName, tableName) === undefined) return undefined;
    return { remove: () => catalog.deleteTable(databaseName, tableName) };
  }
  if (catalog.findDatabase(databaseName) === undefined) return undefined;
  return { remove: () => catalog.deleteDatabase(databaseName) };
}
