import type { Catalog, Table } from '../../engine/catalog.ts';
import type { LogId } from '../../engine/engine.ts';
import type { StoredDestination } from './configuration/destination.ts';
import type { DirectPutSource, StreamSource } from './configuration/source.ts';

/** A delivery stream in the catalog (StoredStreams), by name. Times are milliseconds since the epoch. */
export interface DeliveryStreamRow {
  /** A UUID that distinguishes delivery streams that had the same name at different times. */
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  /** Until then it is CREATING. */
  readonly activeMs?: number;
  readonly updatedMs?: number;
  /** `VersionId`: 1 for a new delivery stream; each update of its destination adds one. */
  readonly version: number;
  /** Set while the delivery stream is being deleted: its records are delivered first. */
  readonly deleting?: true;
  readonly source: Source;
  readonly destination: StoredDestination;
  /** The role that stands for none in the destination: `nagare.yaml` declares it, and no policies limit it. */
  readonly withoutRole?: string;
  /** Earlier versions of the destination that ranges in progress began with. */
  readonly earlier?: readonly {
    readonly version: number;
    readonly destination: StoredDestination;
    readonly withoutRole?: string;
  }[];
  readonly encryption?: Encryption;
  readonly tags: Readonly<Record<string, string>>;
}

/** The delivery stream with another destination. Keeps the earlier ones that ranges in progress began with. */
export function nextVersion(
  { withoutRole: roleBefore, ...row }: DeliveryStreamRow,
  change: {
    readonly destination: StoredDestination;
    readonly withoutRole: string | undefined;
    readonly nowMs: number;
  },
  isInProgress: (version: number) => boolean,
): DeliveryStreamRow {
  const { destination, withoutRole, nowMs } = change;
  const before = {
    version: row.version,
    destination: row.destination,
    ...(roleBefore !== undefined && { withoutRole: roleBefore }),
  };
  return {
    ...row,
    updatedMs: nowMs,
    version: row.version + 1,
    destination,
    ...(withoutRole !== undefined && { withoutRole }),
    earlier: [...(row.earlier ?? []), before].filter(({ version }) => isInProgress(version)),
  };
}

export type Source =
  | (DirectPutSource & {
      /** The engine's log of its records. */
      readonly log: LogId;
    })
  | (StreamSource & {
      /** When the delivery stream began to read. */
      readonly startMs: number;
    });

/** Encryption of new records at rest. */
export interface Encryption {
  readonly enabled: boolean;
  readonly keyType?: 'AWS_OWNED_CMK' | 'CUSTOMER_MANAGED_CMK';
  readonly keyArn?: string;
}

/** Logs of deleted delivery streams. They are dropped after the commit that deletes the delivery stream. */
export interface GarbageRow {
  readonly log: LogId;
}

/** Keys are ids of delivery streams. */
export function garbageTable(catalog: Pick<Catalog, 'table'>): Table<GarbageRow> {
  return catalog.table('firehose.garbage');
}

/** As they are stored: with encrypted secrets. */
export function streamsTable(catalog: Pick<Catalog, 'table'>): Table<DeliveryStreamRow> {
  return catalog.table('firehose.streams');
}
