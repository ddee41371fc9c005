import type {
  DeliveryBatch,
  DeliveryRecord,
  ErrorOutput,
  RefusedRecord,
} from '../../../delivery/destination.ts';
import { IcebergDestination, type RouteRefusal } from '../../../delivery/iceberg/iceberg-destination.ts';
import type { IcebergTables, TableTarget } from '../../../delivery/iceberg/tables.ts';
import type { StoredDestination } from '../configuration/destination.ts';
import type { IcebergSettings, TableSettings } from '../configuration/iceberg.ts';
import { invalidArgument } from '../errors.ts';
import { firehoseLimits } from '../limits.ts';

/** The part of the Iceberg contract that delivery streams use. */
export type DeliveryTables = Pick<IcebergTables, 'append' | 'settings'>;

/** Throws InvalidArgumentException. */
export function refuseUnknownCatalog({ kind, settings }: StoredDestination, tables: DeliveryTables): void {
  if (kind !== 'Iceberg') return;
  const { CatalogARN } = settings.CatalogConfiguration;
  if (tables.settings(CatalogARN) !== undefined) return;
  throw invalidArgument(`The catalog ${CatalogARN} is unknown. Declare it under catalogs in nagare.yaml.`);
}

interface TableOfRecord {
  readonly database: string;
  readonly table: string;
  readonly operation: string;
}

/** A function's routing takes precedence over a query's, and both over the only configured table. */
function tableOf({ partitionKeys }: DeliveryRecord, only: TableSettings | undefined): Partial<TableOfRecord> {
  const key = (name: string): string | undefined =>
    partitionKeys?.get(`otfMetadata:${name}`) ?? partitionKeys?.get(`partitionKeyFromQuery:${name}`);
  const database = key('destinationDatabaseName') ?? only?.DestinationDatabaseName;
  const table = key('destinationTableName') ?? only?.DestinationTableName;
  return {
    ...(database !== undefined && { database }),
    ...(table !== undefined && { table }),
    operation: key('operation') ?? 'insert',
  };
}

const NAME = /^[a-zA-Z0-9._]{1,255}$/;

/** Finds the table of each record. */
export class TableRouter {
  readonly #settings: IcebergSettings;
  readonly #tables: readonly TableSettings[];
  readonly #targets = new Map<string, TableTarget>();

  constructor(settings: IcebergSettings) {
    this.#settings = settings;
    this.#tables = settings.DestinationTableConfigurationList ?? [];
  }

  route(record: DeliveryRecord): TableTarget | RouteRefusal {
    const { database, table, operation = 'insert' } = this.#tableOf(record);
    if (database === undefined || table === undefined) {
      return refusal('Iceberg.MissingTable', 'The record has no database and table.');
    }
    if (!NAME.test(database) || !NAME.test(table)) {
      return refusal('Iceberg.InvalidTableName', `${database}.${table} is not a valid table name.`);
    }
    if (operation !== 'insert') {
      return refusal(
        'Iceberg.UnsupportedOperation',
        `The operation ${operation} is not supported: nagare only appends to Iceberg tables.`,
      );
    }
    return this.#target(database, table);
  }

  /** The configuration of a record's table, if there is one. */
  settingsOf(record: DeliveryRecord): TableSettings | undefined {
    const { database, table } = this.#tableOf(record);
    return this.#settingsOf(database, table);
  }

  #tableOf(record: DeliveryRecord): Partial<TableOfRecord> {
    return tableOf(record, this.#tables.length === 1 ? this.#tables[0] : undefined);
  }

  #settingsOf(database: string | undefined, table: string | undefined): TableSettings | undefined {
    return this.#tables.find(
      ({ DestinationDatabaseName, DestinationTableName }) =>
        DestinationDatabaseName === database && DestinationTableName === table,
    );
  }

  #target(database: string, table: string): TableTarget {
    const name = `${database}/${table}`;
    const known = this.#targets.get(name);
    if (known !== undefined) return known;
    const {
      CatalogConfiguration: catalog,
      SchemaEvolutionConfiguration,
      TableCreationConfiguration,
    } = this.#settings;
    const { WarehouseLocation: warehouse } = catalog;
    const identity = this.#settingsOf(database, table)?.PartitionSpec?.Identity ?? [];
    const target: TableTarget = {
      catalogArn: catalog.CatalogARN,
      name: { database, table },
      addsColumns: SchemaEvolutionConfiguration?.Enabled === true,
      create:
        TableCreationConfiguration?.Enabled === true
          ? {
              partitions: identity.map(({ SourceName }) => ({ name: SourceName, transform: 'identity' })),
              location:
                warehouse === undefined ? undefined : `${warehouse.replace(/\/+$/, '')}/${database}/${table}`,
            }
          : undefined,
    };
    // Bounded, because records may name any number of tables.
    if (this.#targets.size >= firehoseLimits.icebergTablesKeptMax) this.#targets.clear();
    this.#targets.set(name, target);
    return target;
  }
}

function refusal(errorCode: string, errorMessage: string): RouteRefusal {
  return { errorCode, errorMessage };
}

/** Writes records that a table refused below the table's prefix, and all others below the destination's prefix. */
export class TableErrors implements ErrorOutput {
  readonly #router: TableRouter;
  readonly #outputOf: (table: TableSettings | undefined) => ErrorOutput;

  constructor(router: TableRouter, outputOf: (table: TableSettings | undefined) => ErrorOutput) {
    this.#router = router;
    this.#outputOf = outputOf;
  }

  async write(batch: DeliveryBatch, refused: readonly RefusedRecord[]): Promise<void> {
    const byTable = Map.groupBy(refused, ({ record, outputType }) =>
      outputType === undefined ? this.#router.settingsOf(record) : undefined,
    );
    for (const [table, entries] of byTable) await this.#outputOf(table).write(batch, entries);
  }
}

export function icebergDestination(
  settings: IcebergSettings,
  router: TableRouter,
  options: Pick<ConstructorParameters<typeof IcebergDestination>[0], 'tables' | 'deliveryId' | 'clock'>,
): IcebergDestination {
  const seconds = settings.RetryOptions?.DurationInSeconds ?? firehoseLimits.icebergRetrySecondsDefault;
  return new IcebergDestination({
    ...options,
    route: (record) => router.route(record),
    retryMs: seconds * 1000,
  });
}
