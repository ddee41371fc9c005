import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { join, resolve } from 'node:path';
import {
  described,
  fields,
  namesTo,
  oneOf,
  optional,
  required,
  text,
  type ValueOf,
  wholeNumber,
  withDefault,
  wordOr,
  yesOrNo,
} from '../../../config/yaml-reader.ts';
import { ModelInput } from '../../../declarations/model-reader.ts';
import { DeliveryConfigurationError } from '../../../delivery/configuration-error.ts';
import { parseJsonPath } from '../../../delivery/database/json-path.ts';
import { databaseLimits } from '../../../delivery/database/limits.ts';
import type {
  Environment,
  PostgresSettings,
  SecretReference,
} from '../../../delivery/database/postgres-address.ts';
import {
  COLUMN_TYPES,
  type ColumnSettings,
  errorTableOf,
  nameProblem,
  POSITIONS,
  SOURCE_COLUMNS,
  type TableSettings,
} from '../../../delivery/database/table.ts';
import { processingSettings, type ProcessingSettings } from '../../../delivery/processing/configuration.ts';
import { DeclarationError } from '../../../errors.ts';
import type { Checked } from '../../../protocol/service.ts';
import api from '../api.json' with { type: 'json' };
import type { DatabaseDescription } from '../api-types.ts';
import { invalidArgument } from '../errors.ts';
import { firehoseLimits } from '../limits.ts';
import type { PlainS3Settings } from './settings.ts';

/** nagare's own destination: only `nagare.yaml` declares it. No secret is in here, only where it is. */
export interface DatabaseSettings {
  readonly BufferingHints: PlainS3Settings['BufferingHints'];
  readonly ProcessingConfiguration: Checked<ProcessingConfiguration>;
  readonly database: DatabaseLocation;
  readonly table: TableSettings;
}

export type DatabaseLocation =
  | ({ readonly type: 'postgresql' } & PostgresSettings)
  | { readonly type: 'sqlite'; readonly file: string };

const processing = new ModelInput<Checked<ProcessingConfiguration>>(api, 'ProcessingConfiguration');

const secret = fields({
  environment: optional(described('The environment variable that holds it', text())),
  file: optional(
    described('The file that holds it, read for each connection; relative to nagare.yaml', text()),
  ),
});

const postgresql = fields({
  url: required(
    described('postgresql://user@host:5432/database?sslmode=verify-full, by one of these', secret),
  ),
  password: optional(described('The password, if the URL has none: one of these', secret)),
});

const sqlite = fields({
  folder: required(described('A folder that exists; relative to nagare.yaml', text())),
  file: required(described('The name of the database file in the folder', text())),
});

const columnType = oneOf(...COLUMN_TYPES);

const column = fields({
  type: required(described('The type of the column', columnType)),
  path: optional(
    described(
      "A JSON path into the record, $ for all of it; default: the member of the column's name",
      text(),
    ),
  ),
  required: withDefault(described('Refuse records without a value for it', yesOrNo), false),
});

/** `database:` of a delivery stream. */
export const databaseReader = fields({
  postgresql: optional(described('A database of PostgreSQL, from version 12 on', postgresql)),
  sqlite: optional(described('A database of SQLite, in a file outside of the data folder', sqlite)),
  schema: optional(described('The schema of the tables in PostgreSQL', text())),
  table: required(described('The table, which is created if it does not exist', text())),
  columns: optional(
    described('Columns by name, each with a type or a map', namesTo(wordOr(columnType, column))),
  ),
  bufferingHints: optional(
    described(
      'When records are written: at whichever bound is reached first',
      fields({
        sizeInMBs: required(
          described('Size of the records of a shard', wholeNumber(1, databaseLimits.bufferMiBMax)),
        ),
        intervalInSeconds: required(described('Age of the oldest record', wholeNumber(0, 900))),
      }),
    ),
  ),
  processingConfiguration: optional(
    described(
      'Processors, as of other destinations',
      processing.reader({ members: ['Enabled', 'Processors'], own: {} }),
    ),
  ),
});

export type DeclaredDatabase = ValueOf<typeof databaseReader>;

export interface DatabaseContext {
  readonly baseDir: string;
  readonly environment: Environment;
  /** Another machine may go on with the delivery stream, and has not this one's files. */
  readonly sharesLog?: boolean | undefined;
}

/** Throws DeclarationError, ServiceError. */
export function newDatabaseSettings(declared: DeclaredDatabase, context: DatabaseContext): DatabaseSettings {
  const { bufferMiBDefault, databaseBufferSecondsDefault } = firehoseLimits;
  const { bufferingHints: hints, processingConfiguration } = declared;
  const settings: DatabaseSettings = {
    BufferingHints: {
      SizeInMBs: hints?.sizeInMBs ?? bufferMiBDefault,
      IntervalInSeconds: hints?.intervalInSeconds ?? databaseBufferSecondsDefault,
    },
    ProcessingConfiguration: { Enabled: false, Processors: [], ...processingConfiguration?.input },
    database: locationOf(declared, context),
    table: tableOf(declared),
  };
  const violations = processing.violations(settings.ProcessingConfiguration);
  if (violations !== undefined) throw invalidArgument(violations);
  try {
    databaseProcessing(settings);
    for (const { path } of settings.table.columns) parseJsonPath(path);
  } catch (error) {
    if (error instanceof DeliveryConfigurationError) throw new DeclarationError(`database: ${error.message}`);
    throw error;
  }
  return settings;
}

/** Throws DeliveryConfigurationError. */
export function databaseProcessing({ ProcessingConfiguration }: DatabaseSettings): ProcessingSettings {
  return processingSettings(ProcessingConfiguration, { dynamicPartitioning: false, partitionKeys: [] });
}

function locationOf(
  { postgresql: postgres, sqlite: file, schema }: DeclaredDatabase,
  context: DatabaseContext,
): DatabaseLocation {
  if (postgres !== undefined && file === undefined) {
    const { url, password } = postgres;
    return {
      type: 'postgresql',
      url: referenceOf(url, 'url', context),
      ...(password !== undefined && { password: referenceOf(password, 'password', context) }),
    };
  }
  if (file === undefined || postgres !== undefined) {
    throw new DeclarationError('database must have either postgresql or sqlite');
  }
  if (context.sharesLog === true) {
    throw new DeclarationError(
      'database.sqlite is a file of one machine, and several machines share the log: use database.postgresql',
    );
  }
  if (schema !== undefined) throw new DeclarationError('database.schema is for PostgreSQL only');
  if (!/^[^/\\\0]+$/.test(file.file) || /^\.\.?$/.test(file.file)) {
    throw new DeclarationError(`database.sqlite.file must be the name of a file, not ${file.file}`);
  }
  return { type: 'sqlite', file: join(resolve(context.baseDir, file.folder), file.file) };
}

function referenceOf(
  { environment: name, file }: ValueOf<typeof secret>,
  what: string,
  { baseDir, environment }: DatabaseContext,
): SecretReference {
  if (file !== undefined && name === undefined) return { file: resolve(baseDir, file) };
  if (name === undefined || file !== undefined) {
    throw new DeclarationError(`database.postgresql.${what} must have either environment or file`);
  }
  if ((environment[name] ?? '') === '') {
    throw new DeclarationError(`the environment variable ${name} of database.postgresql.${what} is not set`);
  }
  return { environment: name };
}

function tableOf({
  table: name,
  schema,
  columns: declared,
  sqlite: isSqlite,
}: DeclaredDatabase): TableSettings {
  const whole: ColumnSettings = { name: 'data', type: 'bytes', path: '$', required: true };
  const columns = declared === undefined ? [whole] : Object.entries(declared).map(columnOf);
  const table = { ...(schema !== undefined && { schema }), name, columns };
  checkName('schema', schema ?? 'public');
  checkName('table', name, errorTableOf({ ...table, name: '' }));
  if (name === POSITIONS.name) throw new DeclarationError(`database.table cannot be ${name}`);
  if (isSqlite !== undefined && /^sqlite_/i.test(name)) {
    throw new DeclarationError(
      `database.table cannot be ${name}: SQLite reserves names that begin with sqlite_`,
    );
  }
  const { columnsMax } = databaseLimits;
  if (columns.length === 0 || columns.length > columnsMax) {
    throw new DeclarationError(`database.columns must be from 1 to ${columnsMax} columns`);
  }
  // SQLite does not tell names apart by the case of their letters.
  const taken = new Set(SOURCE_COLUMNS.map((one) => one.name));
  for (const one of columns) {
    checkName(`columns.${one.name}`, one.name);
    const key = one.name.toLowerCase();
    if (taken.has(key))
      throw new DeclarationError(`database.columns has ${one.name} twice, or it is one that each table has`);
    taken.add(key);
  }
  return table;
}

type DeclaredColumn = NonNullable<DeclaredDatabase['columns']>[string];

function columnOf([name, declared]: [name: string, declared: DeclaredColumn]): ColumnSettings {
  const own = `$['${name.replace(/['\\]/g, String.raw`\$&`)}']`;
  if (typeof declared === 'string') return { name, type: declared, path: own, required: false };
  const { type, path = own, required: isRequired } = declared;
  return { name, type, path, required: isRequired };
}

function checkName(key: string, name: string, suffix = ''): void {
  const problem = nameProblem(name, suffix);
  if (problem !== undefined) throw new DeclarationError(`database.${key} ${problem}`);
}

/** For `nagare delivery describe`. */
export function describeDatabase({ database, table }: DatabaseSettings): DatabaseDescription {
  return {
    Type: database.type,
    Location: database.type === 'sqlite' ? database.file : locationText(database.url),
    Schema: table.schema,
    Table: table.name,
    ErrorTable: errorTableOf(table),
    Columns: table.columns.map(({ name, type, path, required: Required }) => ({
      Name: name,
      Type: type,
      Path: path,
      Required,
    })),
  };
}

/** As messages and metrics name it. */
export function databaseTarget({ database, table }: DatabaseSettings): string {
  return `${database.type} table ${table.name}`;
}

function locationText(url: SecretReference): string {
  return 'file' in url ? `URL in the file ${url.file}` : `URL in the environment variable ${url.environment}`;
}
