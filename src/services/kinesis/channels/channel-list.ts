import { formatArn } from '../../../aws/arn.ts';
import type { Catalog, Table } from '../../../engine/catalog.ts';
import type { ServiceError } from '../../../errors.ts';
import type { Clock } from '../../../support/clock.ts';
import { resourceNotFound } from '../errors.ts';
import type { Stream } from '../streams/stream.ts';
import type { ChannelRow } from './rows.ts';

export interface ChannelListOptions {
  readonly catalog: Pick<Catalog, 'table'>;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
}

/** The channels as their rows are. */
export class ChannelList {
  protected readonly table: Table<ChannelRow>;
  readonly #list: ChannelListOptions;

  constructor(options: ChannelListOptions) {
    this.#list = options;
    this.table = options.catalog.table('kinesis.channels');
  }

  get count(): number {
    return this.list().length;
  }

  /** Ordered by name. */
  list(): ChannelRow[] {
    return [...this.table.entries()]
      .map(([, row]) => row)
      .filter((row) => !this.isGone(row))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  of(stream: Stream): ChannelRow[] {
    return this.list().filter((row) => row.stream.id === stream.id);
  }

  arn(row: Pick<ChannelRow, 'id'>): string {
    return formatArn('kinesis', this.#list, `channel/${row.id}`);
  }

  status(row: ChannelRow): ChannelRow['status'] | 'FAILED' {
    if (row.status !== 'ACTIVE' && (row.status === 'DELETING' || (row.dueMs ?? 0) > this.#list.clock.now())) {
      return row.status;
    }
    return row.failure === undefined ? 'ACTIVE' : 'FAILED';
  }

  /** Throws ResourceNotFoundException. */
  byArn(arn: string): ChannelRow {
    const row = this.table.get(arn.slice(arn.lastIndexOf('/') + 1));
    if (row !== undefined && this.arn(row) === arn && !this.isGone(row)) return row;
    throw this.notFound(arn);
  }

  protected notFound(arn: string): ServiceError {
    return resourceNotFound(`Channel ${arn} under account ${this.#list.accountId} not found.`);
  }

  protected isGone(row: ChannelRow): boolean {
    return row.status === 'DELETING' && (row.dueMs ?? 0) <= this.#list.clock.now();
  }
}
