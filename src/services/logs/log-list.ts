import type { Tags } from '../../aws/tags.ts';
import type { Catalog, Table } from '../../engine/catalog.ts';
import type { Clock } from '../../support/clock.ts';
import type { GroupReads } from './group-reads.ts';
import { groupNotFound } from './errors.ts';

const DAY_MS = 86_400_000;

export interface LogGroupRow {
  readonly name: string;
  readonly createdMs: number;
  readonly retentionDays?: number | undefined;
  readonly tags: Tags;
  /** Its events are being removed. */
  readonly isDeleting?: true;
}

/** A log stream that a client created; streams with events need no row. */
export interface LogStreamRow {
  readonly name: string;
  readonly createdMs: number;
  /** Its events are being removed. */
  readonly isDeleting?: true;
}

/** All log groups, as their rows are. */
export abstract class LogList<Group extends GroupReads> {
  readonly groupRows: Table<LogGroupRow>;
  protected readonly streamRows: Table<LogStreamRow>;
  readonly #clock: Clock;

  constructor(catalog: Pick<Catalog, 'table'>, clock: Clock) {
    this.groupRows = catalog.table('logs.groups');
    this.streamRows = catalog.table('logs.streams');
    this.#clock = clock;
  }

  /** The events of a group. */
  protected abstract events(groupName: string): Group;

  /** Resolves when the group is listed if anything was appended to it. */
  abstract settled(groupName: string): Promise<void>;

  /** The same for all groups. */
  abstract allSettled(): Promise<void>;

  /** The events of an existing group. */
  find(groupName: string): Group | undefined {
    return this.row(groupName) === undefined ? undefined : this.events(groupName);
  }

  row(groupName: string): LogGroupRow | undefined {
    const row = this.groupRows.get(groupName);
    return row?.isDeleting ? undefined : row;
  }

  /** Ordered by name. */
  *rows(namePrefix?: string): Generator<LogGroupRow> {
    for (const [, row] of this.groupRows.entries(namePrefix)) if (!row.isDeleting) yield row;
  }

  /** The streams that clients created in a group. */
  *createdStreams(groupName: string): Generator<LogStreamRow> {
    for (const [, row] of this.streamRows.entries(`${groupName}:`)) if (!row.isDeleting) yield row;
  }

  /** Before this time, the events of a group have expired. */
  expiredBeforeMs(groupName: string): number {
    const days = this.row(groupName)?.retentionDays;
    return days === undefined ? 0 : this.#clock.now() - days * DAY_MS;
  }

  /** Throws ResourceNotFoundException for an unknown group. */
  async hasStream(groupName: string, name: string): Promise<boolean> {
    await this.settled(groupName);
    const group = this.find(groupName);
    if (group === undefined) throw groupNotFound();
    const row = this.streamRows.get(`${groupName}:${name}`);
    if (row !== undefined) return !row.isDeleting;
    return (await group.streams()).some((stream) => stream.name === name);
  }
}
