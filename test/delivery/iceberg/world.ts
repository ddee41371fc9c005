import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { DeliveryRecord } from '../../../src/delivery/destination.ts';
import { decodeAvro } from '../../../src/delivery/iceberg/avro.ts';
import { EncodingThread } from '../../../src/delivery/iceberg/encoding-thread.ts';
import { catalogClient } from '../../../src/delivery/iceberg/catalog-client.ts';
import type { HttpClient } from '../../../src/support/http-json.ts';
import { RestCatalog, type RestCatalogOptions } from '../../../src/delivery/iceberg/rest-catalog.ts';
import { TableFiles } from '../../../src/delivery/iceberg/table-files.ts';
import { TableWriter, type TableWriterOptions } from '../../../src/delivery/iceberg/table-writer.ts';
import type { Clock } from '../../../src/support/clock.ts';
import { Egress } from '../../../src/support/egress.ts';
import { silentLog } from '../../../src/support/log.ts';
import { FakeStore } from '../../support/fake-store.ts';
import { CatalogDouble } from './catalog-double.ts';

/** Time passes only by waiting, and waiting takes none. */
export function hurriedClock(): Clock {
  let now = 1_700_000_000_000;
  return {
    now: () => now,
    schedule(delayMs, callback) {
      const handle = setImmediate(() => {
        now += delayMs;
        callback();
      });
      return () => clearImmediate(handle);
    },
  };
}

/** A catalog, a store and writers between them. */
export class IcebergWorld {
  readonly double: CatalogDouble;
  readonly store = new FakeStore(Infinity);
  readonly clock = hurriedClock();
  readonly encoding = new EncodingThread(silentLog);
  readonly http: HttpClient;

  private constructor(double: CatalogDouble, timeoutMs: number) {
    this.double = double;
    const egress = new Egress({ allowed: [], ownPort: () => undefined, refuseLoopback: false });
    this.http = catalogClient(egress, timeoutMs);
  }

  static async start({ timeoutMs = 10_000 } = {}): Promise<IcebergWorld> {
    return new IcebergWorld(await CatalogDouble.start(), timeoutMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.http.close();
    await this.encoding.close();
    await this.double.close();
  }

  catalog(options: Partial<RestCatalogOptions> = {}): RestCatalog {
    const { clock } = this;
    return new RestCatalog({
      url: this.double.url,
      wantsCredentials: false,
      http: this.http,
      clock,
      ...options,
    });
  }

  writer(table: string, options: Partial<TableWriterOptions> = {}): TableWriter {
    return new TableWriter({
      catalog: this.catalog(),
      name: { database: 'db', table },
      filesOf: () => Promise.resolve(new TableFiles(this.store)),
      addsColumns: false,
      encoding: this.encoding,
      clock: this.clock,
      ...options,
    });
  }

  /** The rows of the current snapshot, in the order of the commits. */
  async rows(table: string): Promise<Record<string, unknown>[]> {
    return await readTable(this.double.table(`db.${table}`), (bucket, key) => {
      const object = this.store.objects.get(`${bucket}/${key}`);
      if (object === undefined) throw new Error(`${key} is not in the store`);
      return Promise.resolve(object.body);
    });
  }
}

/** The rows of the current snapshot, in the order of the commits. */
export async function readTable(
  metadata: Record<string, unknown>,
  get: (bucket: string, key: string) => Promise<Buffer>,
): Promise<Record<string, unknown>[]> {
  const read = (path: unknown) => {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(String(path)) ?? [];
    return get(bucket, key);
  };
  const snapshots = (metadata['snapshots'] ?? []) as Record<string, unknown>[];
  const current = snapshots.find((one) => one['snapshot-id'] === metadata['current-snapshot-id']);
  if (current === undefined) return [];
  const { records: list } = await decodeAvro(await read(current['manifest-list']));
  const rows: Record<string, unknown>[] = [];
  for (const manifest of list.toReversed()) {
    const { records: entries } = await decodeAvro(await read(manifest['manifest_path']));
    for (const entry of entries) {
      const { file_path: path } = entry['data_file'] as { file_path: string };
      rows.push(...(await readParquet(await read(path))));
    }
  }
  return rows;
}

export async function readParquet(body: Uint8Array): Promise<Record<string, unknown>[]> {
  const file = body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength) as ArrayBuffer;
  return await parquetReadObjects({ file, compressors });
}

export const signal = new AbortController().signal;

/** Sequence numbers from `first`, one for each text. */
export function batch(texts: readonly string[], first = 1, shardId = 'shardId-0', deliveryId = 'delivery') {
  const records: DeliveryRecord[] = texts.map((text, index) => ({
    data: Buffer.from(text),
    arrivalMs: 0,
    shardId,
    sequenceNumber: `${first + index}`,
    subSequenceNumber: 0,
    partitionKey: 'p',
  }));
  const range = {
    deliveryId,
    shardId,
    firstSequenceNumber: `${first}`,
    lastSequenceNumber: `${first + texts.length - 1}`,
  };
  return { range, records };
}
