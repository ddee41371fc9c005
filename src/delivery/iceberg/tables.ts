import type { Clock } from '../../support/clock.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import type { DeliveryRecord } from '../destination.ts';
import type { EncodingThread } from './encoding-thread.ts';
import { IcebergError, RecordRefusal } from './errors.ts';
import type { HttpClient } from './http-json.ts';
import type { ParquetCodec } from './parquet-codec.ts';
import type { SourceRange } from './positions.ts';
import { RestCatalog, type TableName } from './rest-catalog.ts';
import { type NewTable, tableDefinition } from './table-definition.ts';
import { TableFiles, type TableStores } from './table-files.ts';
import { type Appended, TableWriter } from './table-writer.ts';

/** A catalog as `nagare.yaml` declares it. */
export interface CatalogSettings {
  /** Of a Glue catalog or an S3 table bucket: what delivery streams and channels name. */
  readonly arn: string;
  /** Of the REST API, without `/v1`. */
  readonly url: string;
  readonly warehouse?: string | undefined;
  readonly token?: (() => Promise<string>) | undefined;
  /** Where the files of tables are: in the buckets of this server, or where the catalog says. */
  readonly files: 'server' | 'catalog';
}

export interface TableTarget {
  readonly catalogArn: string;
  readonly name: TableName;
  /** Keys of records without a column become columns. */
  readonly addsColumns: boolean;
  /** Default: by the table's properties. */
  readonly codec?: ParquetCodec | undefined;
  /** Undefined: the table must exist. */
  readonly create?: NewTable | undefined;
}

export interface IcebergTablesOptions {
  readonly http: HttpClient;
  readonly stores: TableStores;
  readonly encoding: Pick<EncodingThread, 'encode'>;
  readonly clock: Clock;
  /** Resolves when all catalogs of `nagare.yaml` are declared; until then appends wait. */
  readonly declared: Promise<void>;
}

/** The tables of all catalogs that are declared, for the services that deliver to them. */
export class IcebergTables {
  readonly #options: IcebergTablesOptions;
  readonly #catalogs = new Map<string, { readonly settings: CatalogSettings; readonly rest: RestCatalog }>();
  /** Appends to one table wait for each other: side by side they would only conflict. */
  readonly #lock = new KeyedLock();

  constructor(options: IcebergTablesOptions) {
    this.#options = options;
  }

  /** Also replaces one that has changed. Deliveries use it from their next batch on. */
  declare(settings: CatalogSettings): void {
    const { http, clock } = this.#options;
    const { url, warehouse, token, files } = settings;
    const wantsCredentials = files === 'catalog';
    const rest = new RestCatalog({ url, warehouse, token, wantsCredentials, http, clock });
    this.#catalogs.set(settings.arn, { settings, rest });
  }

  remove(arn: string): void {
    this.#catalogs.delete(arn);
  }

  settings(arn: string): CatalogSettings | undefined {
    return this.#catalogs.get(arn)?.settings;
  }

  /** Throws IcebergError; appending the same batch again is safe. */
  async append(
    target: TableTarget,
    range: SourceRange,
    records: readonly DeliveryRecord[],
    signal: AbortSignal,
  ): Promise<Appended> {
    const { database, table } = target.name;
    const key = JSON.stringify([target.catalogArn, database, table]);
    await orAborted(this.#options.declared, signal);
    return await this.#lock.exclusive(key, () => this.#writer(target).append(range, records, signal));
  }

  #writer({ catalogArn, name, addsColumns, codec, create }: TableTarget): TableWriter {
    const { stores, encoding, clock } = this.#options;
    const catalog = this.#catalogs.get(catalogArn);
    if (catalog === undefined) {
      throw new IcebergError('Iceberg.NoSuchCatalog', `nagare.yaml declares no catalog ${catalogArn}.`);
    }
    const { rest, settings } = catalog;
    return new TableWriter({
      catalog: rest,
      name,
      addsColumns,
      codec,
      encoding,
      clock,
      filesOf: async (config) =>
        new TableFiles(settings.files === 'server' ? stores.own : await stores.open(config)),
      ...(create !== undefined && {
        create: (records, signal) => createTable(rest, name, create, records, signal),
      }),
    });
  }
}

async function createTable(
  catalog: RestCatalog,
  name: TableName,
  table: NewTable,
  records: readonly DeliveryRecord[],
  signal: AbortSignal,
): Promise<RecordRefusal | undefined> {
  const definition = await tableDefinition(table, records);
  if (definition instanceof RecordRefusal) return definition;
  await catalog.createNamespace(name.database, signal);
  // Somebody else may create it at the same time: it is loaded again in either case.
  await catalog.createTable(name, definition, signal);
  return undefined;
}

async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
