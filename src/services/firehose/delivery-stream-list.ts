import { formatArn } from '../../aws/arn.ts';
import type { Catalog, Table } from '../../engine/catalog.ts';
import { NotOwnerError } from '../../engine/engine.ts';
import type { Clock } from '../../support/clock.ts';
import { notFound } from './errors.ts';
import { type DeliveryStreamRow, streamsTable } from './rows.ts';

export interface DeliveryStreamListOptions {
  readonly catalog: Pick<Catalog, 'table'>;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  /** Another machine makes the changes, by its own clock. */
  readonly isCopy?: boolean;
}

/** The delivery streams as they are stored: with encrypted secrets. */
export class DeliveryStreamList {
  readonly clock: Clock;
  readonly accountId: string;
  readonly #region: string;
  readonly #isCopy: boolean;
  readonly #table: Table<DeliveryStreamRow>;

  constructor({ catalog, clock, region, accountId, isCopy = false }: DeliveryStreamListOptions) {
    this.clock = clock;
    this.accountId = accountId;
    this.#region = region;
    this.#isCopy = isCopy;
    this.#table = streamsTable(catalog);
  }

  /** Ordered by name. */
  *rows(): Generator<DeliveryStreamRow> {
    for (const [, row] of this.#table.entries()) yield row;
  }

  row(name: string): DeliveryStreamRow | undefined {
    return this.#table.get(name);
  }

  /** Throws ResourceNotFoundException. */
  requireRow(name: string): DeliveryStreamRow {
    const row = this.#table.get(name);
    if (row === undefined) throw notFound(name, this.accountId);
    return row;
  }

  arnOf(name: string): string {
    return formatArn(
      'firehose',
      { region: this.#region, accountId: this.accountId },
      `deliverystream/${name}`,
    );
  }

  /** Throws NotOwnerError if only the clock of the owner tells. */
  statusOf({ deleting, activeMs }: DeliveryStreamRow): 'CREATING' | 'ACTIVE' | 'DELETING' {
    if (deleting === true) return 'DELETING';
    if (activeMs === undefined) return 'ACTIVE';
    if (this.#isCopy) throw new NotOwnerError('the owner knows since when the delivery stream is active');
    return activeMs > this.clock.now() ? 'CREATING' : 'ACTIVE';
  }
}
