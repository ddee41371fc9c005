import type { Clock } from '../../support/clock.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import type { DeliveryRecord } from '../destination.ts';
import type { EncodingThread } from './encoding-thread.ts';
import { IcebergError, RecordRefusal } from './errors.ts';
import type { HttpClient } from '../../support/http-json.ts';
import type { ParquetCodec } from './parquet-codec.ts';
import type { SourceRange } from './positions.ts';
import { RestCatalog, type TableName } from './rest-catalog.ts';
import { type NewTable, tableDefinition } from './table-definition.ts';
import { TableFiles, type TableStores } from './table-files.ts';
import { type Appended, TableWriter } from './table-writer.ts';

/** A catalog declared in `nagare.yaml`. */
export interface CatalogSettings {
  /** The ARN of a Glue catalog or an S3 table bucket, by which delivery streams and channels refer to it. */
  readonly arn: string;
  /** The URL of the REST API, without `/v1`. */
  readonly url: string;
  readonly warehouse?: string | undefined;
  readonly token?: (() => Promise<string>) | undefined;
  /** The store of the tables' files: the buckets of this server, or the store that the catalog describes. */
  readonly files: 'server' | 'catalog';
}

export interface TableTarget {
  readonly catalogArn: string;
  readonly name: TableName;
  /** Adds columns for keys of records that have none. */
  readonly addsColumns: boolean;
  /** Default: from the table's properties. */
  readonly codec?: ParquetCodec | undefined;
  /** How to create the table. If undefined, the table must exist. */
  readonly create?: NewTable | undefined;
}

export interface IcebergTablesOptions {
  readonly http: HttpClient;
  readonly stores: TableStores;
  readonly encoding: Pick<EncodingThread, 'encode'>;
  readonly clock: Clock;
  /** Resolves when all catalogs of `nagare.yaml` are declared. Appends wait for it. */
  readonly declared: Promise<void>;
}

/** The tables of all declared catalogs, for the services that deliver to them. */
export class IcebergTables {
  readonly #options: IcebergTablesOptions;
  readonly #catalogs = new Map<string, { readonly settings: CatalogSettings; readonly rest: RestCatalog }>();
  /** Appends to one table run one at a time: concurrent ones would conflict. */
  readonly #lock = new KeyedLock();

  constructor(options: IcebergTablesOptions) {
    this.#options = options;
  }

  /** Adds or replaces a catalog. Deliveries use it from their next batch on. */
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

  /** Throws IcebergError. Appending the same batch again is safe. */
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
      throw new IcebergError(
        'Iceberg.NoSuchCatalog',
        `The catalog ${catalogArn} is not declared in nagare.yaml.`,
      );
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
  // Another writer may create it at the same time, so load it again in either case.
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
