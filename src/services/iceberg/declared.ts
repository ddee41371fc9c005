import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { section } from '../../config/declarations.ts';
import {
  described,
  fields,
  oneOf,
  optional,
  required,
  text,
  type ValueOf,
  withDefault,
} from '../../config/yaml-reader.ts';
import { type Declarer, differences, type PlanStep } from '../../declarations/plan.ts';
import type { CatalogSettings, IcebergTables } from '../../delivery/iceberg/tables.ts';
import { DeclarationError } from '../../errors.ts';

const token = fields({
  environment: optional(described('The environment variable that holds it', text())),
  file: optional(described('The file that holds it, read for each request; relative to nagare.yaml', text())),
});

const catalog = fields({
  arn: required(
    described('The CatalogARN of delivery streams, or the TableBucketARN of channels', text('an ARN')),
  ),
  url: required(described('The URL of the Iceberg REST API, without /v1', text('a URL'))),
  warehouse: optional(described('The warehouse to request from the catalog', text())),
  token: optional(described('Bearer token for the catalog, from one of these', token)),
  files: withDefault(
    described(
      "Where the files of tables are: in this server's buckets, or in the store that the catalog names",
      oneOf('server', 'catalog'),
    ),
    'server',
  ),
});

export const catalogsSection = section('catalogs', catalog);

type DeclaredCatalog = ValueOf<typeof catalog>;

type Environment = Readonly<Record<string, string | undefined>>;

/** Catalogs are not stored; they exist only in `nagare.yaml`. */
export function catalogDeclarer(tables: IcebergTables, environment: Environment): Declarer {
  const declared = new Map<string, DeclaredCatalog>();
  return {
    plan: (declarations, { baseDir }) => {
      const entries = declarations.entries(catalogsSection);
      return entries.map(({ name, path, value }) => ({
        resource: ['catalogs', name],
        path,
        check(): PlanStep {
          check(value, environment);
          const other = entries.find((entry) => entry.name !== name && entry.value.arn === value.arn);
          if (other !== undefined) {
            throw new DeclarationError(`has the same arn as the catalog ${other.name}`);
          }
          const before = declared.get(name);
          const apply = (): Promise<void> => {
            if (before !== undefined) tables.remove(before.arn);
            declared.set(name, value);
            tables.declare(settingsOf(value, environment, baseDir));
            return Promise.resolve();
          };
          if (before === undefined) return { action: 'create', apply };
          const details = changesOf(before, value);
          return details === '' ? { action: 'leave', apply } : { action: 'change', details, apply };
        },
      }));
    },
    describe: () => ({
      sections: { catalogs: Object.fromEntries(declared) },
      imports: [],
      undeclared: [],
    }),
    find: ([, name = '']) => {
      const present = declared.get(name);
      if (present === undefined) return undefined;
      return {
        remove: () => {
          declared.delete(name);
          tables.remove(present.arn);
          return Promise.resolve();
        },
      };
    },
  };
}

function changesOf(before: DeclaredCatalog, now: DeclaredCatalog): string {
  return differences({
    arn: [before.arn, now.arn],
    url: [before.url, now.url],
    warehouse: [before.warehouse, now.warehouse],
    token: [before.token, now.token],
    files: [before.files, now.files],
  });
}

const ARN =
  /^arn:[\w-]+:(glue:[\w-]*:\d{12}:catalog(\/[\w-]+){0,2}|s3tables:[\w-]+:\d{12}:bucket\/[a-z0-9_-]{3,63})$/;

/** Throws DeclarationError. */
function check({ arn, url, token: given }: DeclaredCatalog, environment: Environment): void {
  if (!ARN.test(arn)) {
    throw new DeclarationError(
      `arn must be that of a Glue catalog (arn:aws:glue:us-east-1:000000000000:catalog) or of an S3 table bucket, not ${arn}`,
    );
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new DeclarationError(`url must be a URL such as http://127.0.0.1:8181, not ${url}`);
  }
  if (given === undefined) return;
  if ((given.environment === undefined) === (given.file === undefined)) {
    throw new DeclarationError('token must have either environment or file');
  }
  if (given.environment !== undefined && (environment[given.environment] ?? '') === '') {
    throw new DeclarationError(`the environment variable ${given.environment} of the token is not set`);
  }
}

function settingsOf(
  { arn, url, warehouse, files, token: given }: DeclaredCatalog,
  environment: Environment,
  baseDir: string,
): CatalogSettings {
  return { arn, url, warehouse, files, token: given && tokenReader(given, environment, baseDir) };
}

function tokenReader(
  { environment: name, file }: NonNullable<DeclaredCatalog['token']>,
  environment: Environment,
  baseDir: string,
): () => Promise<string> {
  if (file === undefined) return () => Promise.resolve(environment[name ?? ''] ?? '');
  const path = resolve(baseDir, file);
  return async () => (await readFile(path, 'utf8')).trim();
}
